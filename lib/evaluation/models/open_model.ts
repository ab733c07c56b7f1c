/** Everything that makes frozen features, by name. */
import * as tf from "@tensorflow/tfjs";
import { resizeImages } from "../../nn/resize.ts";
import {
  initVisionTransformer,
  type VisionTransformerConfig,
} from "../../nn/vision_transformer.ts";
import { randomStream } from "../../tensors/random.ts";
import { concatenateBackbones } from "../../teachers/concatenated_backbone.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { visionTransformerBackbone } from "../../teachers/vision_transformer_backbone.ts";
import { loadTeacher, zoo } from "../../teachers/zoo/zoo.ts";
import { UserError } from "../../errors/user_error.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { imagenetNormalization } from "../../images/normalize.ts";
import { nearestNames } from "../../errors/did_you_mean.ts";
import { parseCheckpointSource, parseModelName } from "../../teachers/model_name.ts";
import { backboneFromCheckpoint } from "../../teachers/open_backbone.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { decodeStudent, locateStudent } from "../../runs/student_file.ts";

/** A frozen network, or something that stands in for one, with its place in a comparison. */
export interface Model {
  /** What tables call it. */
  readonly name: string;
  /** What it is to a comparison. */
  readonly role: "student" | "teacher" | "baseline";
  /** Owned by whoever opened the encoder. */
  readonly backbone: Backbone;
}

/** Options of {@linkcode openModel}. */
export interface OpenModelOptions {
  /** What tables call it; default: the run's name, the teacher's, or as it was asked for. */
  readonly name?: string;
  /** Attention heads of a checkpoint. Default: one for every 64 of its width. */
  readonly heads?: number;
}

/**
 * Opens a model; dispose of its `backbone` when done. The engine must have been started. Names:
 * - the folder of a finished run, or a `student.safetensors`: its student,
 * - a teacher of the zoo, with `@SIZE` to feed it images of another size than its own,
 * - `A+B`: teachers of the zoo, their features side by side,
 * - `FAMILY:FILE` or `FAMILY:FILE@SIZE`: a teacher's own checkpoint, such as `dino:my.pth`,
 * - `random:RUN` or `random`: a network that was never trained, of a run's shape or a small one,
 * - `pixels`: the image itself, at 32 x 32.
 *
 * @throws {UserError} where nothing is called so, with the nearest names, or a run has no student yet.
 *
 * @example
 * ```ts
 * import { openModel, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const { backbone, role } = await openModel("pixels");
 * if (backbone.width !== 3072 || role !== "baseline") throw new Error("32 x 32 x 3 numbers");
 * backbone.dispose();
 * ```
 */
export async function openModel(
  what: string,
  options: OpenModelOptions = {},
): Promise<Model> {
  for (const open of openers) {
    const found = await open(what, options);
    if (found !== undefined) return found;
  }
  throw unknownModel(what);
}

/** Opens one kind of thing; undefined where the name is of another kind. */
type Opener = (
  what: string,
  options: OpenModelOptions,
) => Promise<Model | undefined> | Model | undefined;

/** Tried in this order: a new kind of model is a line here. */
const openers: readonly Opener[] = [
  openPixels,
  openRandom,
  openStudent,
  openZoo,
  openConcatenation,
  openFile,
];

function openPixels(what: string, { name = what }: OpenModelOptions): Model | undefined {
  return what === "pixels" ? { name, role: "baseline", backbone: pixels() } : undefined;
}

async function openRandom(
  what: string,
  { name = "random" }: OpenModelOptions,
): Promise<Model | undefined> {
  if (what !== "random" && !what.startsWith("random:")) return undefined;
  const config = what === "random" ? smallTransformer : await configOfRun(what.slice(7));
  return { name, role: "baseline", backbone: randomTransformer(name, config) };
}

async function openStudent(
  what: string,
  options: OpenModelOptions,
): Promise<Model | undefined> {
  const file = await locateStudent(what);
  if (file === undefined) return undefined;
  const { name = file.name } = options;
  const backbone = await decodeStudent(await Deno.readFile(file.path), name);
  return { name, role: "student", backbone };
}

async function openZoo(what: string, options: OpenModelOptions): Promise<Model | undefined> {
  const [zooName = "", size] = what.split("@");
  const known = zoo.some((entry) => entry.name === zooName);
  if (!known || (size !== undefined && !/^\d+$/.test(size))) return undefined;
  const backbone = await loadTeacher(
    zooName,
    size === undefined ? {} : { inputSize: Number(size) },
  );
  return { name: options.name ?? zooName, role: "teacher", backbone };
}

/** "A+B": teachers of the zoo side by side. */
async function openConcatenation(
  what: string,
  { name = what }: OpenModelOptions,
): Promise<Model | undefined> {
  const names = what.split("+");
  if (names.length < 2 || parseCheckpointSource(what) !== undefined) return undefined;
  const teachers: Backbone[] = [];
  for (const one of names) {
    const found = await openZoo(one, {});
    if (found === undefined) throw unknownModel(one);
    teachers.push(found.backbone);
  }
  return { name, role: "baseline", backbone: concatenateBackbones(teachers) };
}

async function openFile(
  what: string,
  { name = what, heads }: OpenModelOptions,
): Promise<Model | undefined> {
  const parsed = parseModelName(what);
  if (parsed.kind !== "checkpoint") return undefined;
  const { inputSize } = parsed;
  const backbone = await backboneFromCheckpoint(parsed, { name, heads, inputSize });
  return { name, role: "teacher", backbone };
}

async function configOfRun(folder: string): Promise<VisionTransformerConfig> {
  const { student, images } = await loadRecipe(runPaths(folder).recipe);
  return { imageSize: images.size, ...student };
}

const smallTransformer: VisionTransformerConfig = {
  imageSize: 64,
  patchSize: 8,
  width: 192,
  depth: 6,
  heads: 3,
};

function randomTransformer(name: string, config: VisionTransformerConfig): Backbone {
  return visionTransformerBackbone({
    name,
    family: "vision_transformer",
    licence: "Apache-2.0",
    digest: `random ${JSON.stringify(config)}`,
    config,
    parameters: initVisionTransformer(config, randomStream(0).at("random encoder")),
    input: { size: config.imageSize, ...imagenetNormalization },
  });
}

/** Colours of 32 x 32 areas, the feature to beat. */
function pixels(): Backbone {
  const side = 32;
  return {
    name: "pixels",
    family: "pixels",
    licence: "Apache-2.0",
    digest: "", // made anew in less time than it takes to read them
    input: { size: side, mean: [0, 0, 0], std: [1, 1, 1] },
    width: 3 * side * side,
    tokens: ["cls"],
    parameterCount: 0,
    grid: () => [1, 1],
    features: (images) =>
      tf.tidy(() => ({
        cls: tf.reshape<tf.Rank.R2>(resizeImages(images, [side, side]), [-1, 3 * side * side]),
      })),
    dispose: () => {},
  };
}

function unknownModel(what: string): UserError {
  const known = [...zoo.map(({ name }) => name), "pixels", "random"];
  const near = nearestNames(what.split("@")[0] ?? what, known);
  return new UserError(
    `Cannot open the model "${what}": found neither a run folder, a .safetensors file nor a model ` +
      `of that name. ${
        near.length > 0
          ? `Did you mean ${near.join(" or ")}?`
          : `Known names: ${known.join(", ")}, A+B, random:RUN, FAMILY:FILE.`
      }`,
  );
}
