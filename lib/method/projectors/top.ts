/** Projectors that read the student's last block alone: the paper's basic setup (UNIC section 3.1). */
import type * as tf from "@tensorflow/tfjs";
import { type BlockOutputs, checkBlockOutputs, parametersOf } from "./check_block_outputs.ts";
import { checkLadder, type ProjectorShape, stageOf } from "./head_groups.ts";
import type { Predictions, TeacherShape, TokenType } from "../tokens.ts";
import { gelu } from "../../nn/gelu.ts";
import type { KeptTokens } from "../../nn/kept_tokens.ts";
import { initLinear, linear, type LinearParameters } from "../../nn/linear.ts";
import { resampleTokens, supervisedGrid } from "../../nn/token_grid.ts";
import { linearShapes } from "../../nn/parameter_shapes.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { countShapes, type ShapesOf } from "../../tensors/shapes.ts";
import { UserError } from "../../errors/user_error.ts";

/** Shape of top-only projectors. */
export interface TopProjectorConfig extends ProjectorShape {
  /** Hidden width; default `4 * width`. */
  readonly lastHidden?: number;
  /** Hidden layers of each head, 0 to 3; default 1. */
  readonly hiddenLayers?: number;
  /** Whether one head of a teacher serves CLS and patches alike; default false. */
  readonly shared?: boolean;
}

/** By teacher and kind of token (`both` where shared): linear layers, numbered from 0. */
export type TopProjectorParameters = {
  readonly [teacher: string]: {
    readonly [token: string]: { readonly [layer: string]: LinearParameters };
  };
};

/**
 * Parameters of top-only projectors: truncated normal of standard deviation 0.02, zero biases.
 *
 * @throws {UserError} Where a teacher or the number of layers cannot be used.
 * @source UNIC table 1 (row 4) and table H.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initTopProjector } from "./top.ts";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const config = { width: 4, depth: 2, grid: [2, 2] as const, teachers, hiddenLayers: 0 };
 * const { a } = initTopProjector(config, randomStream(0));
 * if (a?.cls?.[0]?.weight.shape.join() !== "4,5") throw new Error("Expected one linear layer");
 * ```
 */
export function initTopProjector(
  config: TopProjectorConfig,
  random: RandomStream,
): TopProjectorParameters {
  checkTopProjector(config);
  return Object.fromEntries(config.teachers.map((teacher) => [
    teacher.name,
    Object.fromEntries(
      headsOf(teacher, config).map((head) => {
        const layers = layersOf(teacher, config).map((layer, i) =>
          initLinear(layer, random.at(teacher.name, head, i))
        );
        return [head, Object.fromEntries(layers.entries())];
      }),
    ),
  ]));
}

function checkTopProjector(config: TopProjectorConfig): void {
  checkLadder(config);
  const { hiddenLayers = 1 } = config;
  if (Number.isInteger(hiddenLayers) && hiddenLayers >= 0 && hiddenLayers <= 3) return;
  throw new UserError(
    `Cannot build a projector of ${hiddenLayers} hidden layers: expected 0 to 3. ` +
      "Correct ladder.hiddenLayers",
  );
}

/**
 * Shapes of {@linkcode initTopProjector}.
 *
 * @throws {UserError} Where a teacher or the number of layers cannot be used.
 */
export function topProjectorShapes(config: TopProjectorConfig): ShapesOf<TopProjectorParameters> {
  checkTopProjector(config);
  return Object.fromEntries(config.teachers.map((teacher) => {
    const layers = layersOf(teacher, config).map(({ inputs, outputs }) =>
      linearShapes(inputs, outputs)
    );
    const head = Object.fromEntries(layers.entries());
    return [
      teacher.name,
      Object.fromEntries(headsOf(teacher, config).map((name) => [name, head])),
    ];
  }));
}

/**
 * The student's predictions of every teacher from its last block.
 *
 * @param blockOutputs Raw output of each of the student's blocks, `[batch, 1 + patches, width]`; only the last
 *   is read.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initTopProjector, topProjector } from "./top.ts";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["patch"] as const, grid: [1, 1] as const }];
 * const config = { width: 4, depth: 1, grid: [2, 2] as const, teachers };
 * const parameters = initTopProjector(config, randomStream(0));
 * const { a } = topProjector(parameters, [tf.ones([3, 1 + 4, 4])], config);
 * if (a?.patch?.shape.join() !== "3,1,5") throw new Error("Expected the teacher's grid");
 * ```
 */
export function topProjector(
  parameters: TopProjectorParameters,
  blockOutputs: BlockOutputs,
  config: TopProjectorConfig,
  kept?: KeptTokens,
): Predictions {
  const [last] = checkBlockOutputs(blockOutputs, config, [config.depth - 1], kept);
  const { cls, patch } = splitTokens(last!);
  return Object.fromEntries(config.teachers.map((teacher) => {
    const grid = supervisedGrid(config.grid, teacher.grid);
    const predict = (token: TokenType) => {
      const head = parametersOf(
        parametersOf(parameters, teacher.name),
        config.shared ? "both" : token,
      );
      const own = stageOf(config, config.depth - 1).grid;
      const x = token === "cls" ? cls : resampleTokens(patch, own, grid, kept);
      return [token, perceptron(Object.values(head), x)];
    };
    return [teacher.name, Object.fromEntries(teacher.tokens.map(predict))];
  }));
}

/** Linear layers with GELU between them. */
function perceptron(layers: readonly LinearParameters[], x: tf.Tensor): tf.Tensor {
  return layers.reduce((y, layer, i) => linear(layer, i === 0 ? y : gelu(y)), x);
}

/**
 * How many parameters top-only projectors have, from their shape alone.
 *
 * @example
 * ```ts
 * import { countTopProjector } from "./top.ts";
 * const grid = [14, 14] as const;
 * const teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
 * const count = countTopProjector({ width: 768, depth: 12, grid, teachers, shared: true });
 * if (count !== 4_722_432) throw new Error("Expected the head of the paper's basic setup");
 * ```
 */
export function countTopProjector(config: TopProjectorConfig): number {
  return countShapes(topProjectorShapes(config));
}

function headsOf(teacher: TeacherShape, { shared = false }: TopProjectorConfig): string[] {
  return shared ? ["both"] : [...teacher.tokens];
}

/** The layers of a head, from the student's width over hidden ones to the teacher's. */
function layersOf(
  teacher: TeacherShape,
  { width, hiddenLayers = 1, lastHidden = 4 * width }: TopProjectorConfig,
): { readonly inputs: number; readonly outputs: number }[] {
  const hidden = Array<number>(hiddenLayers).fill(lastHidden);
  const inputs = [width, ...hidden];
  return [...hidden, teacher.width].map((outputs, i) => ({ inputs: inputs[i]!, outputs }));
}
