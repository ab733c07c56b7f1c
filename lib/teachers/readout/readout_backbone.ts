/** A network that is read out in another way: one more frozen network, for all that measures or writes features. */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { encoderStages, isTransformer } from "../../nn/encoder.ts";
import { type Grid, resampleTokens } from "../../nn/token_grid.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { Backbone, Features } from "../backbone.ts";
import { checkReadout } from "./check_readout.ts";
import { type FittedReadout, isAsItIs, type Readout, readoutText } from "./readout.ts";

/** One part of a readout: a stage, the network's features, or a student's prediction of a teacher. */
export type ReadoutPart =
  | { readonly stage: "last" | number }
  | { readonly teacher: string };

/** Its name among the parts of a network: "last", the number of a stage, or "predicted TEACHER". */
export function partName(part: ReadoutPart): string {
  return "stage" in part ? `${part.stage}` : `predicted ${part.teacher}`;
}

/** The parts of a readout: stages, then predictions. */
export function partsOf({ stages, predictions = {} }: Readout): ReadoutPart[] {
  return [
    ...stages.map((stage) => ({ stage })),
    ...Object.keys(predictions).map((teacher) => ({ teacher })),
  ];
}

/** Tokens of a part of a readout, and the grid of its patches. */
export interface PartTokens extends Features {
  readonly grid: Grid;
}

/**
 * The tokens of parts of a network, as they are: every stage is computed once; pure.
 *
 * @param images `[batch, height, width, 3]` in [0, 1]
 */
export function readParts(
  backbone: Backbone,
  images: tf.Tensor4D,
  parts: readonly ReadoutPart[],
): PartTokens[] {
  const { encoder, predictor } = backbone, { length } = stageGrids(backbone);
  // The features of a convolutional network are its last stage.
  const last = encoder !== undefined && !isTransformer(encoder) ? length - 1 : undefined;
  const predicted = parts.some((part) => "teacher" in part);
  const wanted = new Set([
    ...parts.flatMap((part) => "stage" in part ? [part.stage === "last" ? last : part.stage] : []),
    ...predicted ? predictor!.stages : [],
  ].filter((stage) => stage !== undefined));
  const outputs = wanted.size === 0 ? [] : backbone.stages!(images, [...wanted]);
  const predictions = predicted ? predictor!.predict(outputs) : {};
  return parts.map((part) => {
    const grid = gridOf(backbone, part);
    if ("teacher" in part) return { ...predictions[part.teacher], grid };
    const stage = part.stage === "last" ? last : part.stage;
    const tokens = stage === undefined ? backbone.features(images) : splitTokens(outputs[stage]!);
    return { ...tokens, grid };
  });
}

/** Grids of all stages, for images of `size` pixels; none of a network whose stages cannot be seen. */
function stageGrids({ encoder, input, stages }: Backbone, size = input.size): Grid[] {
  if (encoder === undefined || stages === undefined) return [];
  return encoderStages({ ...encoder, imageSize: size }).map(({ grid }) => grid);
}

function gridOf(backbone: Backbone, part: ReadoutPart, size?: number): Grid {
  if ("teacher" in part) {
    return backbone.predictor!.teachers.find(({ name }) => name === part.teacher)!.grid;
  }
  return part.stage === "last" ? backbone.grid(size) : stageGrids(backbone, size)[part.stage]!;
}

/**
 * The network read out in another way: its image feature is that of the readout, its patch tokens those
 * of the same parts on the finest of their grids. A part without patches says the same at every place,
 * one without CLS gives the mean of its patches. It owns the network. Read as it is, it is the network itself.
 *
 * @throws {UserError} where the readout is of other stages, teachers or another network
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * import { withReadout } from "./readout_backbone.ts";
 * await startEngine();
 * const teacher = await loadTeacher("resnet20_cifar10");
 * const both = withReadout(teacher, { stages: ["last", 5], network: teacher.digest });
 * const { cls } = both.features(tf.ones([1, 32, 32, 3]));
 * if (cls?.shape.join() !== "1,96") throw new Error("64 of the last stage and 32 of the sixth");
 * both.dispose();
 * ```
 */
export function withReadout(backbone: Backbone, readout: FittedReadout): Backbone {
  checkReadout(readout, backbone);
  if (isAsItIs(readout)) return backbone;
  const { name, family, licence, digest, input, tokens, mode, notes, predictor } = backbone;
  const parts = partsOf(readout), used = Object.keys(readout.predictions ?? {});
  const grid: Backbone["grid"] = (size) =>
    finest(parts.map((part) => gridOf(backbone, part, size)));
  const { trials: _trials, corpus: _corpus, ...applied } = readout;
  const identity = [digest, applied, used.length > 0 ? predictor!.digest : null];
  return {
    name,
    family,
    licence,
    // Features of a network without a digest are not kept.
    digest: digest === ""
      ? ""
      : createHash("sha256").update(JSON.stringify(identity)).digest("hex"),
    input,
    width: parts.reduce((sum, part) => sum + widthOf(backbone, part), 0),
    tokens,
    ...mode !== undefined && { mode },
    ...notes !== undefined && { notes },
    readout: readoutText(readout),
    parameterCount: backbone.parameterCount + (used.length > 0 ? predictor!.parameterCount : 0),
    grid,
    features: (images) =>
      tf.tidy(() => {
        const read = readParts(backbone, images, parts);
        const joined = (kind: "cls" | "patch") =>
          tf.concat(
            read.map((part, i) => scaled(tokensOf(part, kind, grid()), parts[i]!, kind, readout)),
            -1,
          );
        // Kinds that the network does not have must be absent: a compiled network returns a tree of tensors.
        return {
          ...tokens.includes("cls") && { cls: joined("cls") as tf.Tensor2D },
          ...tokens.includes("patch") && { patch: joined("patch") as tf.Tensor3D },
        };
      }),
    dispose: () => backbone.dispose(),
  };
}

function finest(grids: readonly Grid[]): Grid {
  return [
    Math.max(...grids.map(([rows]) => rows)),
    Math.max(...grids.map(([, columns]) => columns)),
  ];
}

/** Numbers per token of a part. */
export function widthOf(backbone: Backbone, part: ReadoutPart): number {
  if ("teacher" in part) {
    return backbone.predictor!.teachers.find(({ name }) => name === part.teacher)!.width;
  }
  return part.stage === "last"
    ? backbone.width
    : encoderStages(backbone.encoder!)[part.stage]!.width;
}

/** The image's token `[batch, width]`, or its patches `[batch, patches, width]` on a grid. */
function tokensOf(
  { cls, patch, grid: own }: PartTokens,
  kind: "cls" | "patch",
  grid: Grid,
): tf.Tensor {
  if (kind === "cls") return cls ?? tf.mean(patch!, 1);
  if (patch !== undefined) return resampleTokens(patch, own, grid);
  return tf.tile(tf.expandDims(cls!, 1), [1, grid[0] * grid[1], 1]);
}

/** Tokens standardised where they shall be, at unit length times the weight of their part. */
function scaled(
  tokens: tf.Tensor,
  part: ReadoutPart,
  kind: "cls" | "patch",
  { statistics, predictions, standardized }: FittedReadout,
): tf.Tensor {
  if ("teacher" in part) return tf.mul(unit(tokens), predictions![part.teacher]!);
  if (standardized !== true) return unit(tokens);
  const { mean, deviation } = statistics![partName(part)]![kind]!;
  return unit(tf.div(tf.sub(tokens, tf.tensor1d([...mean])), tf.tensor1d([...deviation])));
}

function unit(tokens: tf.Tensor): tf.Tensor {
  return tf.div(tokens, tf.maximum(tf.norm(tokens, 2, -1, true), 1e-12));
}
