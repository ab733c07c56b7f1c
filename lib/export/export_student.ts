/** A trained student as a file for other codebases. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import { loadLatestCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import { loadRecipe } from "../recipe/load.ts";
import { readLog } from "../runs/step_log.ts";
import { runPaths } from "../runs/run_folder.ts";
import { studentConfigOf } from "../recipe/student_config.ts";
import { locateStudent } from "../runs/locate_student.ts";
import type { ConvolutionalConfig } from "../nn/convolutional/convolutional_config.ts";
import { isTransformer } from "../nn/encoder.ts";
import { studentGrid } from "../nn/vision_transformer.ts";
import { parseEncoderConfig } from "../teachers/encoder_backbone.ts";
import { UserError } from "../errors/user_error.ts";
import { decodeSafetensors, encodeSafetensors } from "../weights/safetensors/safetensors.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { encodeTorchCheckpoint, type TorchTree } from "../weights/torch/torch_writer.ts";
import { imagenetNormalization } from "../images/normalize.ts";
import { toEncoderNames } from "./encoder_names.ts";
import { type LadderHead, ladderTeachers } from "./ladder_teachers.ts";
import { type TensorMap, unfit } from "./named_tensors.ts";
import { writeStudentProgram } from "./student_program.ts";
import { timmModelOf, toTimmStages } from "./timm_stages.ts";
import { checkReadoutFormat, exportedReadout } from "./exported_readout.ts";
import type { FittedReadout, Readout } from "../teachers/readout/readout.ts";
import { type UnicCheckpoint, unicCheckpoint } from "./unic_checkpoint.ts";

/**
 * `safetensors`: the encoder under our names, as in the run folder, with a program that runs it in
 * PyTorch. `dinov2`, `timm`: the encoder under theirs; a convolutional one only under timm's. `unic`:
 * encoder, ladder and statistics under the reference's, of a transformer.
 */
export type ExportFormat = "safetensors" | "unic" | "dinov2" | "timm";

/** The activation of every student: the exact GELU. */
const activation = "gelu";

/** All formats. */
export const exportFormats: readonly ExportFormat[] = ["safetensors", "unic", "dinov2", "timm"];

/**
 * Writes a student as a file, whole or not at all: safetensors, or where `out` ends in `.pth` a
 * checkpoint of PyTorch (`torch.load(out, weights_only=True)`), its tensors under `state_dict`, or for
 * `unic` under `model` and `teacher_ft_stats`. Metadata (texts in a `.pth`) hold the architecture (`config`,
 * JSON), the input (`input`, JSON), the activation (or `timm`, how timm makes a convolutional one), and the licences of the teachers (`teacherLicences`, JSON):
 * with them `openModel("timm_vit:FILE")`, and so on, has the features of the run. Beside weights under our
 * names lies `student.py`, which runs them in PyTorch; one that is not this package's is not replaced.
 *
 * @param source A run folder, or (but for `unic`) a student.safetensors.
 * @param options format; out: the file, replaced where there is one; readout: how the student is read out, kept
 *   in the metadata of the format safetensors, "chosen" is that which `evaluate` stored. Default: as it is.
 * @returns How many tensors and bytes were written, and the path of the program.
 * @throws {UserError} Where there is no student, the format cannot hold it, or the file cannot be
 *   written.
 *
 * @example
 * ```ts
 * import { exportStudent, UserError } from "@hashigo/hashigo";
 * try {
 *   await exportStudent("runs/absent", { format: "timm", out: "student_timm.safetensors" });
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 * }
 * ```
 */
export async function exportStudent(
  source: string,
  options: {
    readonly format: ExportFormat;
    readonly out: string;
    readonly readout?: "as_is" | "chosen" | Readout | FittedReadout | undefined;
  },
): Promise<{ tensors: number; bytes: number; program?: string }> {
  const { format, out, readout: request = "as_is" } = options;
  if (request !== "as_is") checkReadoutFormat(source, options);
  if (format === "unic") {
    const { checkpoint, metadata } = await runAsUnicCheckpoint(source);
    if (isTorch(out)) {
      const tensors = flattened(checkpoint).size;
      return await writeBytes(out, encodeTorchCheckpoint({ ...checkpoint, ...metadata }), tensors);
    }
    return await write(out, flattened(checkpoint), { ...metadata, epoch: `${checkpoint.epoch}` });
  }
  const file = await locateStudent(source);
  if (file === undefined) throw notARun(source);
  const bytes = await Deno.readFile(file.path);
  const { tensors, metadata } = decodeSafetensors(bytes, { source: `"${file.path}"` });
  const config = parseEncoderConfig(metadata.config, file.name);
  if (format === "safetensors") {
    if (!isTorch(out)) {
      const readout = await exportedReadout(source, bytes, config, request);
      const encoded = readout === undefined
        ? bytes
        : encodeSafetensors(tensors, { ...metadata, readout: JSON.stringify(readout) });
      const program = await writeStudentProgram(out, config); // first, as it may be refused
      return { ...await writeBytes(out, encoded, tensors.size), program };
    }
    throw new UserError(
      `Cannot export to "${out}" as safetensors: found the ending .pth, expected .safetensors. For ` +
        "PyTorch there is a program beside it that needs no other package; or choose --format dinov2, " +
        "timm or unic",
    );
  }
  if (!isTransformer(config) && format !== "timm") {
    throw transformersOnly(file.path, config, format);
  }
  const encoder = new Map<string, FloatTensor>();
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array)) throw unfit(`"${file.path}"`, `integers in "${name}"`);
    encoder.set(name, { shape, data });
  }
  if (isTransformer(config)) {
    return await write(out, toEncoderNames(encoder, config, format), { ...metadata, activation });
  }
  const { command } = timmModelOf(config);
  return await write(out, toTimmStages(encoder, config), { ...metadata, timm: command });
}

/**
 * The newest checkpoint of a run as the tree of a reference-style checkpoint.
 *
 * @param folder A run folder, finished or not.
 * @throws {UserError} Where there is no run or no checkpoint, or its student is no plain transformer
 *   with a ladder.
 */
async function runAsUnicCheckpoint(
  folder: string,
): Promise<{ checkpoint: UnicCheckpoint; metadata: Record<string, string> }> {
  const paths = runPaths(folder);
  if (!await Deno.stat(paths.recipe).then(() => true, () => false)) throw notARun(folder);
  const recipe = await loadRecipe(paths.recipe);
  if (recipe.ladder.kind !== "ladder") {
    throw new UserError(
      `Cannot export "${folder}" as unic: its projectors are of the kind "${recipe.ladder.kind}", ` +
        "expected a ladder. Export the encoder alone, with --format dinov2 or timm",
    );
  }
  const { axes } = recipe.standardizer;
  if (axes !== undefined) {
    throw new UserError(
      `Cannot export "${folder}" as unic: its ladder predicts ${axes} principal axes of each teacher, ` +
        "expected whole features, since the reference's statistics have no axes. Export the encoder " +
        "alone, with --format dinov2 or timm",
    );
  }
  const state = await loadLatestCheckpoint(paths.folder);
  if (state === undefined) {
    throw new UserError(
      `Cannot export "${folder}" as unic: found no checkpoint, expected at least one. ` +
        "Continue it with deno task distill RECIPE --resume",
    );
  }
  const { encoder } = studentConfigOf(recipe, []);
  if (!isTransformer(encoder)) throw transformersOnly(folder, encoder, "unic");
  const { ladder } = studentConfigOf(
    recipe,
    ladderTeachers(headsOf(state.tensors), studentGrid(encoder)),
  );
  if (ladder.kind === "top" || ladder.kind === "transformer") throw notARun(folder);
  const epoch = Math.floor((await readLog(paths.log)).at(-1)?.epoch ?? 0);
  return {
    checkpoint: unicCheckpoint(state.tensors, { encoder, ladder }, { epoch }),
    metadata: {
      activation,
      config: JSON.stringify(encoder),
      input: JSON.stringify({ size: encoder.imageSize, ...imagenetNormalization }),
      recipe: recipe.name,
      teacherLicences: JSON.stringify(state.meta.teacherLicences ?? {}),
    },
  };
}

const outputName = /^ladder\.(cls|patch)(?:_(\d+)x(\d+))?\.output\.([^.]+)\.weight$/;

/** The projectors of a run, read off their tensors: its teachers may be none that the zoo knows. */
function headsOf(state: TensorMap): LadderHead[] {
  return [...state].flatMap(([tensor, { shape: [, width = 0] }]) => {
    const [, token, rows, columns, teacher = ""] = outputName.exec(tensor) ?? [];
    if (token !== "cls" && token !== "patch") return [];
    const grid = rows === undefined ? undefined : [Number(rows), Number(columns)] as const;
    return [{ teacher, token, width, grid }];
  });
}

/** Nested names joined by dots: `teacher_ft_stats.TEACHER.cls.mean`. */
function flattened({ model, teacher_ft_stats: statistics }: UnicCheckpoint) {
  const tensors = new Map(Object.entries(model));
  for (const [teacher, tokens] of Object.entries(statistics)) {
    for (const [token, rows] of Object.entries(tokens)) {
      for (const [kind, tensor] of Object.entries(rows)) {
        tensors.set(`teacher_ft_stats.${teacher}.${token}.${kind}`, tensor);
      }
    }
  }
  return tensors;
}

function isTorch(out: string): boolean {
  return out.endsWith(".pth");
}

function write(out: string, tensors: TensorMap, metadata: Readonly<Record<string, string>>) {
  const tree: TorchTree = { state_dict: Object.fromEntries(tensors), ...metadata };
  const bytes = isTorch(out) ? encodeTorchCheckpoint(tree) : encodeSafetensors(tensors, metadata);
  return writeBytes(out, bytes, tensors.size);
}

async function writeBytes(out: string, bytes: Uint8Array, tensors: number) {
  await writeFileAtomic(out, bytes);
  return { tensors, bytes: bytes.length };
}

function transformersOnly(
  source: string,
  config: ConvolutionalConfig,
  format: ExportFormat,
): UserError {
  return new UserError(
    `Cannot export "${source}" as ${format}: found a ${config.kind}, expected a vision transformer, the ` +
      "only network that has its names. Choose --format safetensors, with a program beside it that runs " +
      "it in PyTorch, or timm",
  );
}

function notARun(source: string): UserError {
  return new UserError(
    `Cannot export "${source}": found no student there, expected the folder of a run, or for other ` +
      "formats than unic its student.safetensors. Check the path",
  );
}
