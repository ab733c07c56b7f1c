/** Recipes drawn at random over all options that reach a step, and teachers of several shapes. */
import * as tf from "@tensorflow/tfjs";
import type { TokenType } from "../../lib/method/tokens.ts";
import type { Teacher } from "../../lib/teachers/backbone.ts";
import { type RandomStream, randomStream } from "../../lib/tensors/random.ts";

const imageCount = 6;

/** Draws values; one address, one value. */
function chooser(random: RandomStream) {
  const uniform = (name: string) => random.at(name).uniform(1)[0]!;
  return {
    one: <T>(name: string, values: readonly T[]): T =>
      values[Math.floor(uniform(name) * values.length)]!,
    /** The value, or undefined three times out of four. */
    sometimes: <T>(name: string, values: readonly T[]): T | undefined =>
      uniform(`${name}?`) < 0.25 ? values[Math.floor(uniform(name) * values.length)] : undefined,
  };
}

/** A teacher of mean colours on a grid, of some tokens, for views of its own size. */
function colourTeacher(
  name: string,
  { cells, tokens, size }: {
    readonly cells: number;
    readonly tokens: readonly TokenType[];
    readonly size: number;
  },
): Teacher {
  return {
    ...{ name, family: "colours", licence: "CC0-1.0", width: 3, parameterCount: 0 },
    digest: `${name} ${cells} ${tokens} ${size}`,
    input: { size, mean: [0, 0, 0], std: [1, 1, 1] },
    tokens,
    grid: () => [cells, cells],
    features(views) {
      const patch = tf.reshape<tf.Rank.R3>(
        tf.image.resizeBilinear(views, [cells, cells]),
        [-1, cells * cells, 3],
      );
      return {
        ...tokens.includes("cls") && { cls: tf.mean<tf.Tensor2D>(patch, 1) },
        ...tokens.includes("patch") && { patch },
      };
    },
    dispose: () => {},
  };
}

/** A recipe and its teachers; most are valid, the others contradict themselves. */
export function drawRecipe(seed: number): {
  readonly input: Record<string, unknown>;
  readonly teachers: Teacher[];
} {
  const random = randomStream(seed), { one, sometimes } = chooser(random);
  const size = one("size", [8, 12, 16, 24]), depth = one("depth", [1, 2, 3]);
  const names = ["a", "b", "c"].slice(0, one("teachers", [1, 2, 3]));
  const teachers = names.map((name) =>
    colourTeacher(name, {
      cells: one(`${name} cells`, [1, 2, 3, 4]),
      tokens: one(`${name} tokens`, [["cls", "patch"], ["cls", "patch"], ["cls"], ["patch"]]),
      size: one(`${name} size`, [size, size, 10]),
    })
  );
  const kind = one("ladder", ["ladder", "ladder", "top", "transformer"]);
  const balancing = one("balancing", ["teacher_drop", "random_drop", "none", "fixed", "ada_loss"]);
  const cache = one("cache", [false, false, true, "some"]);
  const length = one<Record<string, number>>("length", [
    { steps: 1 },
    { steps: 2 },
    { steps: 3 },
    { epochs: 0.1 },
    { epochs: 1.5 },
  ]);
  const batchSize = one("batchSize", [1, 2, 3, 6]);
  const input = {
    name: "drawn",
    seed,
    images: {
      sources: [{ world: { seed: 5, images: imageCount } }],
      size,
      subset: batchSize < 4 ? sometimes("subset", [{ images: 3 }]) : undefined,
      canvas: sometimes("canvas", [4, 9, 32]),
      views: sometimes("views", [1, 2]) ?? (cache === false ? undefined : 2),
      augmentation: one("augmentation", [undefined, false, {
        scale: one("scale", [false, [0.01, 0.02], [0.5, 2]]),
        ratio: one("ratio", [false, [0.1, 10]]),
        flip: one("flip", [false, 0, 1]),
        jitter: one("jitter", [false, { probability: 1, hue: 0.5, brightness: 1 }]),
        grey: one("grey", [false, 1]),
        blur: one("blur", [false, { probability: 1, kernel: 99, sigma: [5, 50] }]),
        solarize: one("solarize", [false, { probability: 1, threshold: 0 }]),
      }]),
    },
    teachers: names,
    student: {
      width: one("width", [4, 6, 8]),
      depth,
      heads: one("heads", [1, 2, 4]),
      patchSize: one("patchSize", [2, 4, 4, 8, size]),
      mlpRatio: sometimes("mlpRatio", [0.1, 0.5, 1, 2.3, 2.5]),
      dropPath: sometimes("dropPath", [0, 0.1, 0.99]),
      registers: sometimes("registers", [0, 1, 3]),
      layerScale: sometimes("layerScale", [1e-6, 1]),
      stem: sometimes("stem", ["convolution"]),
      resolutions: sometimes("resolutions", [[size / 2, size], [{ size: 4, until: 0.5 }, size]]),
      initialization: sometimes("initialization", ["scaled"]),
    },
    ladder: {
      kind,
      hidden: kind === "ladder" ? sometimes("hidden", [1, 5]) : undefined,
      lastHidden: kind === "transformer" ? undefined : sometimes("lastHidden", [1, 7]),
      hiddenLayers: kind === "top" ? sometimes("hiddenLayers", [0, 1, 3]) : undefined,
      shared: kind === "top" ? sometimes("shared", [true, false]) : undefined,
      blocks: kind === "ladder" ? sometimes("blocks", [[depth - 1], [0], [0, 1]]) : undefined,
    },
    balancing: {
      kind: balancing,
      probability: one("probability", [0, 0.5, 1, { start: 0, end: 1, curve: "cosine" }]),
      normalization: sometimes("normalization", ["image"]),
      level: balancing === "teacher_drop" ? sometimes("level", ["patch"]) : undefined,
      weights: balancing === "fixed" ? { [names[0]!]: one("weight", [1e-40, 3, 1e40]) } : undefined,
      momentum: sometimes("momentum", [0, 0.9]),
      stop: names.length > 1 && batchSize < 4
        ? sometimes("stop", [{ heldOut: 2, every: 1, patience: 1, minimumImprovement: 0.9 }])
        : undefined,
    },
    standardizer: {
      kind: one("standardizer", ["ema", "ema", "batch", "fixed", "global", "phi_s"]),
      batches: sometimes("batches", [1, 2]),
      start: sometimes("start", [0, 0.5]),
      end: sometimes("end", [0, 1]),
    },
    optimization: {
      batchSize,
      ...length,
      warmupSteps: sometimes("warmup", [0, 1]),
      weightDecay: sometimes("decay", [0, 1]),
      beta1: sometimes("beta1", [0]),
      beta2: sometimes("beta2", [0]),
      maximumGradientNorm: sometimes("norm", [1e-3, 1e3]),
      minimumLearningRate: sometimes("minimum", [0]),
    },
    featureCache: cache === "some"
      ? {
        precision: sometimes("half", ["bfloat16"]),
        tokens: sometimes("kept", [["cls"], ["patch"]]),
        patchStride: sometimes("stride", [2, 7]),
      }
      : cache,
    precision: sometimes("precision", ["tf32", "bfloat16"]),
    mode: one("mode", ["eager", "eager", "graph", "xla"]),
    workers: 0,
    checkpoint: { every: one("every", [1, 2]), keepBest: sometimes("best", [1]) },
    guard: { policy: one("policy", ["stop", "skip", "rollback"]) },
  };
  return { input: withoutUndefined(input), teachers };
}

/** Options that are left out, as a person leaves them out. */
function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}
