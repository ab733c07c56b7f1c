/** Projectors that read the student's last block alone: the paper's basic setup. */
import type * as tf from "@tensorflow/tfjs";
import { checkLadder, type LadderConfig } from "./ladder.ts";
import type { Predictions, TeacherShape, TokenType } from "../tokens.ts";
import { gelu } from "../../nn/gelu.ts";
import { initLinear, linear, type LinearParameters } from "../../nn/linear.ts";
import { resampleTokens, supervisedGrid } from "../../nn/token_grid.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";

/** Shape of top-only projectors; their hidden width is `lastHidden`, default `4 * width`. */
export interface TopProjectorConfig extends Omit<LadderConfig, "blocks" | "hidden"> {
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
 * import { initTopProjector, randomStream, startEngine } from "@hashigo/hashigo";
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
  checkLadder(config);
  const { hiddenLayers = 1 } = config;
  if (!(Number.isInteger(hiddenLayers) && hiddenLayers >= 0 && hiddenLayers <= 3)) {
    throw new UserError(
      `Cannot build a projector of ${hiddenLayers} hidden layers: expected 0 to 3. ` +
        "Correct ladder.hiddenLayers",
    );
  }
  return Object.fromEntries(config.teachers.map((teacher) => [
    teacher.name,
    Object.fromEntries(
      headsOf(teacher, config).map((head) => {
        const widths = layerWidths(teacher, config);
        const layers = widths.slice(1).map((outputs, i) =>
          initLinear({ inputs: widths[i]!, outputs }, random.at(teacher.name, head, i))
        );
        return [head, Object.fromEntries(layers.entries())];
      }),
    ),
  ]));
}

/**
 * What the student predicts of every teacher from its last block.
 *
 * @param blockOutputs Raw output of each of the student's blocks, `[batch, 1 + patches, width]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { initTopProjector, randomStream, startEngine, topProjector } from "@hashigo/hashigo";
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
  blockOutputs: readonly tf.Tensor3D[],
  config: TopProjectorConfig,
): Predictions {
  const { cls, patch } = splitTokens(blockOutputs.at(-1)!);
  return Object.fromEntries(config.teachers.map((teacher) => {
    const grid = supervisedGrid(config.grid, teacher.grid);
    const predict = (token: TokenType) => {
      const head = parameters[teacher.name]![config.shared ? "both" : token]!;
      const x = token === "cls" ? cls : resampleTokens(patch, config.grid, grid);
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
 * import { countTopProjector } from "@hashigo/hashigo";
 * const grid = [14, 14] as const;
 * const teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
 * const count = countTopProjector({ width: 768, depth: 12, grid, teachers, shared: true });
 * if (count !== 4_722_432) throw new Error("Expected the head of the paper's basic setup");
 * ```
 */
export function countTopProjector(config: TopProjectorConfig): number {
  return config.teachers.reduce((sum, teacher) => {
    const widths = layerWidths(teacher, config);
    const head = widths.slice(1).reduce((own, width, i) => own + (widths[i]! + 1) * width, 0);
    return sum + headsOf(teacher, config).length * head;
  }, 0);
}

function headsOf(teacher: TeacherShape, { shared = false }: TopProjectorConfig): string[] {
  return shared ? ["both"] : [...teacher.tokens];
}

/** From the student's width over hidden ones to the teacher's. */
function layerWidths(teacher: TeacherShape, config: TopProjectorConfig): number[] {
  const { width, hiddenLayers = 1, lastHidden = 4 * width } = config;
  return [width, ...Array<number>(hiddenLayers).fill(lastHidden), teacher.width];
}
