/**
 * Projectors that read CLS and patches together: one transformer block and a linear layer for each teacher
 * (DUNE; compared in UNIC table I).
 *
 * @module
 */
import { type BlockOutputs, checkBlockOutputs, parametersOf } from "./check_block_outputs.ts";
import { checkLadder, type ProjectorShape } from "./head_groups.ts";
import type { Predictions } from "../tokens.ts";
import { block, type BlockParameters, initBlock } from "../../nn/block.ts";
import type { KeptTokens } from "../../nn/kept_tokens.ts";
import { initLinear, linear, type LinearParameters } from "../../nn/linear.ts";
import { blockShapes, linearShapes } from "../../nn/parameter_shapes.ts";
import { resampleTokens, supervisedGrid } from "../../nn/token_grid.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { countShapes, type ShapesOf } from "../../tensors/shapes.ts";
import { UserError } from "../../errors/user_error.ts";

/** Shape of transformer projectors. */
export interface TransformerProjectorConfig extends ProjectorShape {
  /** Heads of the attention; divides `width`. */
  readonly heads: number;
}

/** By teacher. */
export type TransformerProjectorParameters = {
  readonly [teacher: string]: {
    readonly block: BlockParameters;
    /** `[width, teacherWidth]`, for all tokens. */
    readonly output: LinearParameters;
  };
};

/**
 * Parameters of transformer projectors: truncated normal of standard deviation 0.02, zero biases.
 *
 * @throws {UserError} Where a teacher or the number of heads cannot be used.
 * @source DUNE (CVPR 2025), its transformer projector; an alternative in UNIC table I's comparison.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initTransformerProjector } from "./transformer.ts";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const config = { width: 4, depth: 2, grid: [2, 2] as const, teachers, heads: 2 };
 * const { a } = initTransformerProjector(config, randomStream(0));
 * if (a?.output.weight.shape.join() !== "4,5") throw new Error("Expected the teacher's width");
 * ```
 */
export function initTransformerProjector(
  config: TransformerProjectorConfig,
  random: RandomStream,
): TransformerProjectorParameters {
  checkTransformerProjector(config);
  const { width, heads } = config;
  return Object.fromEntries(config.teachers.map(({ name, width: outputs }) => [name, {
    block: initBlock({ width, heads }, random.at(name, "block")),
    output: initLinear({ inputs: width, outputs }, random.at(name, "output")),
  }]));
}

function checkTransformerProjector(config: TransformerProjectorConfig): void {
  checkLadder(config);
  const { width, heads } = config;
  if (width % heads === 0) return;
  throw new UserError(
    `Cannot build a transformer projector: width ${width} does not divide into ${heads} heads. ` +
      "Correct ladder.heads",
  );
}

/**
 * Shapes of {@linkcode initTransformerProjector}.
 *
 * @throws {UserError} Where a teacher or the number of heads cannot be used.
 */
export function transformerProjectorShapes(
  config: TransformerProjectorConfig,
): ShapesOf<TransformerProjectorParameters> {
  checkTransformerProjector(config);
  const { width, heads, teachers } = config;
  return Object.fromEntries(teachers.map((teacher) => [teacher.name, {
    block: blockShapes({ width, heads }),
    output: linearShapes(width, teacher.width),
  }]));
}

/**
 * The student's predictions of every teacher from all tokens of its last block.
 *
 * @param blockOutputs Raw output of each of the student's blocks, `[batch, 1 + patches, width]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initTransformerProjector, transformerProjector } from "./transformer.ts";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["patch"] as const, grid: [1, 1] as const }];
 * const config = { width: 4, depth: 1, grid: [2, 2] as const, teachers, heads: 2 };
 * const parameters = initTransformerProjector(config, randomStream(0));
 * const { a } = transformerProjector(parameters, [tf.ones([3, 1 + 4, 4])], config);
 * if (a?.patch?.shape.join() !== "3,1,5") throw new Error("Expected the teacher's grid");
 * ```
 */
export function transformerProjector(
  parameters: TransformerProjectorParameters,
  blockOutputs: BlockOutputs,
  config: TransformerProjectorConfig,
  kept?: KeptTokens,
): Predictions {
  const outputs = checkBlockOutputs(blockOutputs, config, [config.depth - 1], kept);
  const last = outputs[0]!;
  return Object.fromEntries(config.teachers.map(({ name, tokens, grid }) => {
    const projector = parametersOf(parameters, name);
    const { cls, patch } = splitTokens(block(projector.block, last, config));
    const supervised = supervisedGrid(config.grid, grid);
    // Tokens that the teacher does not have must be absent: every entry is a prediction.
    return [name, {
      ...tokens.includes("cls") && { cls: linear(projector.output, cls) },
      ...tokens.includes("patch") && {
        patch: linear(projector.output, resampleTokens(patch, config.grid, supervised, kept)),
      },
    }];
  }));
}

/**
 * How many parameters transformer projectors have, from their shape alone.
 *
 * @example
 * ```ts
 * import { countTransformerProjector } from "./transformer.ts";
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const config = { width: 4, depth: 2, grid: [2, 2] as const, teachers, heads: 2 };
 * if (countTransformerProjector(config) !== 244 + 25) throw new Error("Expected a block and 4 x 5");
 * ```
 */
export function countTransformerProjector(config: TransformerProjectorConfig): number {
  return countShapes(transformerProjectorShapes(config));
}
