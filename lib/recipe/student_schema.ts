/** The student's part of the schema of a recipe. */
import { z } from "zod";

const count = z.int().positive();
const positive = z.number().positive();
const colour = z.tuple([z.number(), z.number(), z.number()]);
const resolution = z.union([
  count,
  z.strictObject({ size: count, until: z.number().gt(0).lt(1) }),
]);
const widths = z.exactOptional(z.array(count).min(1));
const studentStart = {
  from: z.exactOptional(z.string().min(1)),
  source: z.exactOptional(z.string().min(1)),
  freeze: z.exactOptional(z.int().min(0)),
  mean: z.exactOptional(colour),
  std: z.exactOptional(z.tuple([positive, positive, positive])),
  resolutions: z.exactOptional(z.array(resolution).min(2)),
  hiddenWidths: widths,
  recompute: z.exactOptional(z.boolean()),
};

const transformer = z.strictObject({
  kind: z.exactOptional(z.literal("transformer")),
  width: count,
  depth: count,
  heads: count,
  patchSize: count,
  mlpRatio: positive.default(4),
  dropPath: z.number().min(0).lt(1).default(0.1),
  registers: z.exactOptional(z.int().min(0).max(64)),
  layerScale: z.exactOptional(positive),
  tokenMask: z.exactOptional(z.number().min(0).lt(1)),
  stem: z.enum(["patch", "convolution"]).default("patch"),
  initialization: z.enum(["fixed", "scaled"]).default("fixed"),
  headCounts: widths,
  queryWidths: widths,
  ...studentStart,
});

const multiplier = z.exactOptional(positive.max(8));
const convolutional = {
  inputSize: z.exactOptional(count),
  batchNorm: z.enum(["folded", "scaled"]).default("folded"),
  widthMultiplier: multiplier,
  ...studentStart,
};

/** Schema of `student`: by its kind; one without a kind is a transformer. */
export const studentSchema = z.discriminatedUnion("kind", [
  transformer,
  z.strictObject({
    kind: z.literal("mobilenet_v2"),
    ...convolutional,
    depthMultiplier: multiplier,
    outputStride: z.exactOptional(z.union([z.literal(16), z.literal(32)])),
  }),
  z.strictObject({
    kind: z.literal("efficientnet_lite"),
    ...convolutional,
    depthMultiplier: multiplier,
  }),
  z.strictObject({ kind: z.literal("resnet_cifar"), ...convolutional, blocks: count.max(200) }),
  z.strictObject({
    kind: z.literal("resnet"),
    ...convolutional,
    layers: z.union([z.literal(18), z.literal(34), z.literal(50)]),
  }),
]);
