/** How a model is read out beside as it is: by a readout that is chosen, or by one that was named. */
import { UserError } from "../../errors/user_error.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { readStoredReadout } from "../../runs/readout_file.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { withReadout } from "../../teachers/readout/readout_backbone.ts";
import { checkReadout } from "../../teachers/readout/check_readout.ts";
import { type FittedReadout, isFitted, type Readout } from "../../teachers/readout/readout.ts";
import { type Model, type ModelSpec, openModel } from "../models/open_model.ts";
import { withPredictor } from "../models/student_predictor.ts";
import {
  chooseReadout,
  type ChooseReadoutOptions,
  fitReadout,
  type TrainPart,
} from "./choose_readout.ts";

/**
 * How features are read: "as_is" only; "chosen", beside it by the readout that {@linkcode chooseReadout} finds
 * for each model; or beside it by a readout that is named.
 */
export type ReadoutRequest = "as_is" | "chosen" | Readout | FittedReadout;

/** Options of {@linkcode readModel}. */
export interface ReadModelOptions extends ChooseReadoutOptions {
  /** Receives why a model is not read out. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/**
 * Opens a model, of a run's student the projectors too, where the request may need them; dispose of its
 * backbone when done.
 *
 * @throws {UserError} where the model cannot be opened, or the request needs projectors that are not there.
 */
export async function openReadable(
  spec: ModelSpec,
  request: ReadoutRequest,
  onNote?: (line: string) => void,
): Promise<Model> {
  const model = await openModel(spec.source, spec);
  const needed = typeof request === "object" && Object.keys(request.predictions ?? {}).length > 0;
  if (!needed && request !== "chosen") return model;
  if (model.role !== "student" || !await isRun(spec.source)) return model;
  try {
    return { ...model, backbone: await withPredictor(model.backbone, spec.source) };
  } catch (error) {
    if (error instanceof UserError && !needed) {
      onNote?.(`${model.name}: its predictions of teachers are not tried. ${error.message}`);
      return model;
    }
    model.backbone.dispose();
    throw error;
  }
}

/**
 * Refuses a readout that was named and that the first model does not have, before any image is read. Of the
 * others, those that do not have it are left out.
 *
 * @throws {UserError} with what the model has
 */
export async function checkRequest(
  models: readonly ModelSpec[],
  request: ReadoutRequest,
): Promise<void> {
  const [first] = models;
  if (typeof request === "string" || first === undefined) return;
  const { backbone } = await openReadable(first, request);
  try {
    checkReadout(request, backbone);
  } finally {
    backbone.dispose();
  }
}

/**
 * The readout of a model: chosen on the train parts, or the named one, fitted to the network where it was not.
 *
 * @returns undefined where the model does not have the parts of the named one
 */
export async function readModel(
  { name, backbone }: Model,
  request: Exclude<ReadoutRequest, "as_is">,
  tasks: readonly TrainPart[],
  { onNote, ...options }: ReadModelOptions,
): Promise<FittedReadout | undefined> {
  if (request === "chosen") return await chooseReadout(backbone, tasks, options);
  try {
    checkReadout(request, backbone);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote?.(`${name}: left out of the table of the readout. ${error.message}`);
    return undefined;
  }
  return isFitted(request) ? request : await fitReadout(request, backbone, tasks, options);
}

/**
 * Opens a network that is read out; dispose of it when done.
 *
 * @param request "chosen" is the readout that is stored with a student.
 * @throws {UserError} where the model cannot be opened, nothing is stored with it, or it does not have the parts
 * or the statistics of the readout.
 */
export async function openReadOut(spec: ModelSpec, request: ReadoutRequest): Promise<Backbone> {
  if (request === "as_is") return (await openModel(spec.source, spec)).backbone;
  const { backbone } = await openReadable(spec, request);
  try {
    const readout = request === "chosen"
      ? await readStoredReadout(spec.source, backbone.digest)
      : request;
    checkReadout(readout, backbone);
    if (!isFitted(readout) && readout.standardized === true) throw withoutStatistics(spec.source);
    return withReadout(backbone, { network: backbone.digest, ...readout });
  } catch (error) {
    backbone.dispose();
    throw error;
  }
}

function withoutStatistics(source: string): UserError {
  return new UserError(
    `Cannot read "${source}" out by a standardised readout: found no statistics in its file, expected ` +
      `those of the network. Fit it with deno task evaluate ${source} --readout FILE, which stores it with a run`,
  );
}

/** Whether a source is the folder of a run. */
export async function isRun(source: string): Promise<boolean> {
  return await locateStudent(source) !== undefined &&
    await Deno.stat(runPaths(source).recipe).then(() => true, () => false);
}
