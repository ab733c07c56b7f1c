/**
 * The recipe as a zod schema: types, ranges and the defaults of the reference. Every object is
 * strict, so a misspelt option never passes for a default. The options are described in options.ts.
 */
import { z } from "zod";
import { flagSetNames } from "../engine/tuning/flag_sets.ts";
import { worldFactorNames } from "../world/factors.ts";
import { evaluationMetrics } from "../metrics/comparison/evaluation_metric.ts";
import { noAugmentation } from "../augmentation/augmentation.ts";
import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import { checkpointReadingNames, checkpointReadingShape } from "../teachers/checkpoint_reading.ts";
import type { RecipeAugmentation } from "./image_options.ts";
import type { RecipeFeatureCache, RecipeStage } from "./options.ts";
import { studentSchema } from "./student_schema.ts";

const count = z.int().positive();
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const probability = z.union([z.literal(false), share]);
const range = z.tuple([positive, positive]).refine(([low, high]) => low <= high, {
  message: "expected [low, high] with low <= high",
});
const switchableRange = z.union([z.literal(false), range]);

/** Decoding threads; more than a machine has cores gain nothing, and each takes memory. */
const mostWorkers = 256;

const files = z.strictObject({
  path: z.string().min(1),
  split: z.optional(z.string().min(1)),
  limit: z.optional(count),
  repeat: z.optional(count),
});

const world = z.strictObject({
  world: z.strictObject({
    seed: z.int().min(0).max(0xffffffff),
    images: count,
    first: z.exactOptional(z.int().min(0)),
    fixed: z.exactOptional(z.partialRecord(z.enum(worldFactorNames), z.int().min(0))),
    factor: z.exactOptional(z.enum(worldFactorNames)),
  }),
  repeat: z.optional(count),
});

const rehearsal = z.strictObject({
  run: z.string().min(1),
  images: z.optional(count),
});

const jitter = z.strictObject({
  probability: share.default(0.8),
  brightness: share.default(0.4),
  contrast: share.default(0.4),
  saturation: share.default(0.2),
  hue: z.number().min(0).max(0.5).default(0.1),
});

const blur = z.strictObject({
  probability: share.default(0.2),
  kernel: count.refine((size) => size % 2 === 1, { message: "expected an odd number" }).default(9),
  sigma: range.default([0.1, 5]),
});

const solarize = z.strictObject({
  probability: share.default(0.2),
  threshold: share.default(0.5),
});

const augmentation = z.strictObject({
  scale: switchableRange.default([0.08, 1]),
  ratio: switchableRange.default([3 / 4, 4 / 3]),
  flip: probability.default(0.5),
  jitter: z.union([z.literal(false), jitter]).prefault({}),
  grey: probability.default(0.2),
  blur: z.union([z.literal(false), blur]).prefault({}),
  solarize: z.union([z.literal(false), solarize]).prefault({}),
});

const images = z.strictObject({
  sources: z.array(z.union([files, world, rehearsal])).min(1),
  size: count,
  canvas: z.exactOptional(count),
  views: z.exactOptional(count),
  subset: z.exactOptional(z.strictObject({
    images: count,
    choice: z.enum(["random", "balanced"]).default("random"),
    clusters: count.default(50),
  })),
  quarantine: z.exactOptional(z.number().min(0).lt(1)),
  background: z.exactOptional(
    z.string().regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as "#ffffff"'),
  ),
  maximumPixels: z.exactOptional(count),
  augmentation: z.union([z.literal(false), augmentation]).prefault({}),
}).transform(({ augmentation, ...rest }) => ({
  ...rest,
  canvas: rest.canvas ?? rest.size,
  augmentation: augmentation === false ? wholeImage() : augmentation,
}));

function wholeImage(): RecipeAugmentation {
  const { size: _, ...augmentation } = noAugmentation(1);
  return augmentation;
}

const teacher = z.union([
  z.string().min(1).transform((name): BackboneSpec => ({ name })),
  z.strictObject({
    name: z.string().min(1),
    checkpoint: z.optional(z.string().min(1)),
    inputSize: z.optional(count),
    ...checkpointReadingShape,
  }).superRefine((teacher, context) => {
    const stray = checkpointReadingNames.find((name) => teacher[name] !== undefined);
    if (teacher.checkpoint !== undefined || stray === undefined) return;
    context.addIssue({
      code: "custom",
      path: [stray],
      message: 'only a teacher with a "checkpoint" has this option',
    });
  }),
]);

const optimization = z.strictObject({
  batchSize: count,
  accumulate: z.exactOptional(count),
  steps: z.exactOptional(count),
  epochs: z.exactOptional(positive),
  learningRate: z.exactOptional(positive),
  baseLearningRate: z.exactOptional(positive),
  learningRates: z.exactOptional(
    z.strictObject({ backbone: z.number().min(0), heads: positive }),
  ),
  minimumLearningRate: z.number().min(0).default(1e-6),
  warmupSteps: z.exactOptional(z.int().min(0)),
  warmupEpochs: z.exactOptional(z.number().min(0)),
  weightDecay: z.number().min(0).default(0.03),
  decay: z.exactOptional(z.enum(["all", "heads"])),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.99),
  epsilon: positive.default(1e-8),
  maximumGradientNorm: z.exactOptional(positive),
  sharded: z.exactOptional(z.boolean()),
});

const schedule = z.strictObject({
  start: share,
  end: share,
  curve: z.enum(["linear", "cosine"]).default("linear"),
});

const featureCache = z.strictObject({
  precision: z.enum(["float16", "bfloat16"]).default("float16"),
  tokens: z.array(z.enum(["cls", "patch"])).min(1).default(["cls", "patch"]),
  patchStride: count.default(1),
});

// What a stage changes is checked where it is a recipe of its own: parts of options have no schema.
const stage = z.looseObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, {
    message: "expected lower case letters, digits, _ and -, because it names a folder",
  }),
  start: z.exactOptional(z.enum(["previous", "own"])),
}) as unknown as z.ZodType<RecipeStage, RecipeStage>;

/** More would be a mistake rather than a curriculum. */
const mostStages = 32;

/** What `featureCache: true` stands for. */
export const defaultFeatureCache: RecipeFeatureCache = featureCache.parse({});

/** Schema of a recipe; its output is a {@linkcode Recipe}. */
export const recipeSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_.-]*$/, {
    message: "expected lower case letters, digits, _, - and ., because it names a folder",
  }),
  description: z.exactOptional(z.string()),
  seed: z.int().min(0).max(0xffffffff).default(0),
  images,
  teachers: z.array(teacher).min(1, { message: "found none; expected at least one" }),
  student: studentSchema,
  ladder: z.strictObject({
    kind: z.enum(["ladder", "top", "transformer"]).default("ladder"),
    hiddenLayers: z.exactOptional(z.int().min(0).max(3)),
    shared: z.exactOptional(z.boolean()),
    blocks: z.union([z.literal("all"), z.array(z.int().min(0)).min(1)]).default("all"),
    hidden: z.exactOptional(count),
    lastHidden: z.exactOptional(count),
    inputs: z.exactOptional(z.enum(["raw", "standardized"])),
    patchStage: z.exactOptional(z.int().min(0)),
    from: z.exactOptional(z.string().min(1)),
    recompute: z.exactOptional(z.boolean()),
  }).prefault({}),
  balancing: z.strictObject({
    kind: z.enum(["teacher_drop", "random_drop", "none", "fixed", "ada_loss"])
      .default("teacher_drop"),
    probability: z.union([share, schedule]).default(0.5),
    normalization: z.enum(["matrix", "image"]).default("matrix"),
    level: z.enum(["image", "patch"]).default("image"),
    weights: z.exactOptional(z.record(z.string(), positive)),
    momentum: z.number().min(0).lt(1).default(0.99),
    stop: z.exactOptional(z.strictObject({
      heldOut: count,
      every: count,
      patience: count.default(3),
      minimumImprovement: z.number().min(0).lt(1).default(0.01),
    })),
  }).prefault({}),
  standardizer: z.strictObject({
    kind: z.enum(["ema", "batch", "fixed", "global", "phi_s"]).default("ema"),
    batches: count.default(100),
    axes: z.exactOptional(count),
    leastDeviation: z.exactOptional(share),
    start: share.default(1),
    end: share.default(0.001),
  }).prefault({}),
  optimization,
  budget: z.exactOptional(z.strictObject({
    minutes: positive,
    teacherShare: z.number().gt(0).max(1).default(0.5),
  })),
  featureCache: z.union([z.boolean(), featureCache]).default(false),
  precision: z.enum(["float32", "tf32", "bfloat16"]).default("float32"),
  mode: z.enum(["auto", "xla", "graph", "eager"]).default("auto"),
  xlaFlags: z.exactOptional(z.enum(flagSetNames)),
  workers: z.exactOptional(z.int().min(0).max(mostWorkers)),
  checkpoint: z.strictObject({
    every: count.default(500),
    keep: count.default(2),
    keepBest: z.int().min(0).default(0),
    keepEvery: z.exactOptional(count),
  }).prefault({}),
  guard: z.strictObject({
    policy: z.enum(["stop", "skip", "rollback"]).default("stop"),
    budget: z.int().min(0).default(10),
    spike: z.union([z.literal(false), z.number().gt(1)]).default(10),
  }).prefault({}),
  evaluation: z.strictObject({
    tasks: z.array(z.string().min(1)).default([]),
    feature: z.enum(["cls", "patch", "cls+patch"]).default("cls"),
    metrics: z.array(z.enum(evaluationMetrics)).min(1).default(["knn"]),
    k: z.union([count, z.array(count).min(1)]).default(20),
    readout: z.enum(["as_is", "chosen"]).default("as_is"),
  }).prefault({}),
  stages: z.exactOptional(
    z.array(stage).min(1, { message: 'found none; expected a stage, or no "stages"' })
      .max(mostStages),
  ),
});
