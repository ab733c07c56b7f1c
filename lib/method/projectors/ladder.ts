/**
 * The ladder of projectors: for each teacher and token type, perceptrons on all of the student's blocks,
 * summed (UNIC section 3.4).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { gelu } from "../../nn/gelu.ts";
import type { KeptTokens } from "../../nn/kept_tokens.ts";
import { linear, type LinearParameters, truncatedNormal } from "../../nn/linear.ts";
import { linearShapes } from "../../nn/parameter_shapes.ts";
import { resampleTokens } from "../../nn/token_grid.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { checkShape } from "../../tensors/check_shape.ts";
import { countShapes, type ShapesOf } from "../../tensors/shapes.ts";
import type { Predictions, TeacherShape } from "../tokens.ts";
import { type BlockOutputs, checkBlockOutputs, parametersOf } from "./check_block_outputs.ts";
import {
  blocksRead,
  checkLadder,
  headGroups,
  type ProjectorShape,
  stageOf,
} from "./head_groups.ts";

/** Shape of a ladder of projectors. */
export interface LadderConfig extends ProjectorShape {
  /** The blocks that are read, counted from 0 and rising; default all. */
  readonly blocks?: readonly number[] | undefined;
  /** Hidden width of the heads on every block but the student's last; default `width`. */
  readonly hidden?: number;
  /** Hidden width of the heads on the student's last block; default `4 * width`. */
  readonly lastHidden?: number;
  /** Whether the heads see tokens standardised by statistics of their own. Default false. */
  readonly standardized?: boolean;
  /**
   * The teacher from whose weights the student starts: its prediction begins as the student's last block,
   * so its heads begin at zero, as do those of all others below the last block. Default: none.
   */
  readonly source?: string;
}

/** The heads of all teachers that share one set of tokens. */
export type HeadGroupParameters = {
  /** By block: the first layers of all teachers side by side, `[width, teachers * hidden]`. */
  readonly hidden: { readonly [block: string]: LinearParameters };
  /**
   * By teacher: the second layers of all blocks one below the other, `[sum of hidden, teacherWidth]`,
   * and their biases one after the other, `[blocks * teacherWidth]`.
   */
  readonly output: { readonly [teacher: string]: LinearParameters };
  /** By block: what its tokens are standardised by, where they are; never trained. */
  readonly inputs?: { readonly [block: string]: InputStatistics };
};

/** Mean and deviation of a block's tokens, `[width]` each. */
export type InputStatistics = { readonly mean: tf.Tensor1D; readonly deviation: tf.Tensor1D };

/** By set of tokens: `cls`, `patch`, and `patch_4x4` for teachers with a coarser grid of 4 x 4. */
export type LadderParameters = { readonly [group: string]: HeadGroupParameters };

/**
 * Parameters of the ladder: truncated normal of standard deviation 0.02, zero biases, in all heads.
 *
 * @throws {UserError} Where a teacher's name or tokens, or a block's number, cannot be used.
 * @source UNIC section 3.4 and appendix A.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initLadder } from "@hashigo/hashigo/method";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const { cls } = initLadder({ width: 4, depth: 2, grid: [2, 2], teachers }, randomStream(0));
 * if (cls?.output.a?.weight.shape.join() !== "20,5") throw new Error("Expected 4 + 16 rows");
 * ```
 */
export function initLadder(config: LadderConfig, random: RandomStream): LadderParameters {
  return Object.fromEntries(
    Object.entries(ladderShapes(config)).map(([group, { hidden, output, inputs }]) => [group, {
      hidden: initLayers(hidden, (block) => random.at(group, "hidden", Number(block))),
      output: initOutputs(output, config, (teacher) => random.at(group, "output", teacher)),
      // Absent rather than undefined: each key is a branch of tensors.
      ...inputs && {
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([block, { mean, deviation }]) => [block, {
            mean: tf.zeros<tf.Rank.R1>([...mean]),
            deviation: tf.ones<tf.Rank.R1>([...deviation]),
          }]),
        ),
      },
    }]),
  );
}

/** Second layers; beside a source all rows but those of the last block begin at zero, the source's all. */
function initOutputs(
  layers: { readonly [name: string]: ShapesOf<LinearParameters> },
  config: LadderConfig,
  streamOf: (name: string) => RandomStream,
): { readonly [name: string]: LinearParameters } {
  const drawn = initLayers(layers, streamOf);
  if (config.source === undefined) return drawn;
  return Object.fromEntries(
    Object.entries(drawn).map(([teacher, { weight, bias }]) => {
      const [rows] = weight.shape;
      const last = teacher === config.source ? 0 : hiddenWidth(config, config.depth - 1);
      const kept = tf.tidy(() => {
        const mask = tf.concat1d([tf.zeros([rows - last]), tf.ones([last])]);
        return tf.mul<tf.Tensor2D>(weight, tf.reshape(mask, [rows, 1]));
      });
      weight.dispose();
      return [teacher, { weight: kept, bias }];
    }),
  );
}

function initLayers(
  layers: { readonly [name: string]: ShapesOf<LinearParameters> },
  streamOf: (name: string) => RandomStream,
): { readonly [name: string]: LinearParameters } {
  return Object.fromEntries(
    Object.entries(layers).map(([name, { weight, bias }]) => [name, {
      weight: truncatedNormal([...weight], streamOf(name).at("weight")),
      bias: tf.zeros<tf.Rank.R1>([...bias]),
    }]),
  );
}

/**
 * Shapes of {@linkcode initLadder}.
 *
 * @throws {UserError} Where a teacher's name or tokens, or a block's number, cannot be used.
 */
export function ladderShapes(config: LadderConfig): ShapesOf<LadderParameters> {
  checkLadder(config);
  const blocks = blocksRead(config);
  const total = blocks.reduce((sum, block) => sum + hiddenWidth(config, block), 0);
  return Object.fromEntries(
    headGroups(config).map(({ name, teachers }) => {
      const hidden = blocks.map((block) => {
        const width = teachers.length * hiddenWidth(config, block);
        return [`${block}`, linearShapes(stageOf(config, block).width, width)] as const;
      });
      const inputs = blocks.map((block) => {
        const shape = [stageOf(config, block).width] as const;
        return [`${block}`, { mean: shape, deviation: shape }] as const;
      });
      const output = teachers.map((teacher) => {
        const bias = [blocks.length * teacher.width] as const;
        return [teacher.name, { weight: [total, teacher.width] as const, bias }] as const;
      });
      return [name, {
        hidden: Object.fromEntries(hidden),
        output: Object.fromEntries(output),
        // Absent rather than undefined: each key is a branch of tensors.
        ...config.standardized === true && { inputs: Object.fromEntries(inputs) },
      }];
    }),
  );
}

/**
 * The student's predictions of every teacher: for each teacher and token type the sum, over the
 * student's blocks, of a two-layer perceptron of that block's raw tokens. Computed by concatenation:
 * for one block the first layers of all teachers are one product, for one teacher the sum over
 * blocks is one product of the concatenated hidden states.
 *
 * @param blockOutputs Raw output of each of the student's blocks, `[batch, 1 + patches, width]`.
 * @param kept Which patches of the grid these are. Default: all.
 * @throws {UserError} Where there is another number of blocks, or a shape does not fit.
 * @source UNIC section 3.4.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initLadder, ladder } from "@hashigo/hashigo/method";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["patch"] as const, grid: [1, 1] as const }];
 * const config = { width: 4, depth: 1, grid: [2, 2] as const, teachers };
 * const parameters = initLadder(config, randomStream(0));
 * const { a } = ladder(parameters, [tf.ones([3, 1 + 4, 4])], config);
 * if (a?.patch?.shape.join() !== "3,1,5") throw new Error("Expected the teacher's grid");
 * ```
 */
export function ladder(
  parameters: LadderParameters,
  blockOutputs: BlockOutputs,
  config: LadderConfig,
  kept?: KeptTokens,
): Predictions {
  const blocks = blocksRead(config), inputs = ladderInputs(blockOutputs, config, kept);
  const predictions: Record<string, Record<string, tf.Tensor>> = Object.fromEntries(
    config.teachers.map(({ name }) => [name, {}]),
  );
  for (const group of headGroups(config)) {
    const tokens = blocks.map((block) => inputs[group.name]![block]!);
    const outputs = headGroup(parametersOf(parameters, group.name), tokens, group.teachers, blocks);
    group.teachers.forEach(({ name, width }, i) => {
      const shape = [...tokens[0]!.shape.slice(0, -1), width];
      predictions[name]![group.token] = tf.reshape(outputs[i]!, shape);
    });
  }
  return predictions as Predictions;
}

/**
 * What the heads of a ladder read, before it is standardised: by group of heads and block CLS `[batch,
 * width]`, or the patches on the grid of the group, `[batch, patches, width]`.
 *
 * @throws {UserError} Where there is another number of blocks, or a shape does not fit.
 */
export function ladderInputs(
  blockOutputs: BlockOutputs,
  config: LadderConfig,
  kept?: KeptTokens,
): { readonly [group: string]: { readonly [block: string]: tf.Tensor2D | tf.Tensor3D } } {
  checkLadder(config);
  const blocks = blocksRead(config);
  const tokens = checkBlockOutputs(blockOutputs, config, blocks, kept).map(splitTokens);
  return Object.fromEntries(
    headGroups(config).map(({ name, token, grid }) => [
      name,
      Object.fromEntries(blocks.map((block, i) => {
        const { cls, patch } = tokens[i]!;
        const own = stageOf(config, block).grid;
        return [block, token === "cls" ? cls : resampleTokens(patch, own, grid, kept)];
      })),
    ]),
  );
}

/** `[rows, teacherWidth]` for each teacher of a group, from the tokens of each block. */
function headGroup(
  parameters: HeadGroupParameters,
  inputs: readonly (tf.Tensor2D | tf.Tensor3D)[],
  teachers: readonly TeacherShape[],
  blocks: readonly number[],
): tf.Tensor2D[] {
  const byBlock = inputs.map((x, i) => {
    const raw = tf.reshape<tf.Rank.R2>(x, [-1, x.shape.at(-1)!]);
    const rows = standardizeInputs(raw, parameters.inputs?.[`${blocks[i]}`]);
    const hidden = gelu(linear(parametersOf(parameters.hidden, `${blocks[i]}`), rows));
    // tfjs has no gradient for a split into one part.
    return teachers.length === 1 ? [hidden] : tf.split(hidden, teachers.length, 1);
  });
  return teachers.map(({ name, width }, t) => {
    const { weight, bias } = parametersOf(parameters.output, name);
    const hidden = tf.concat2d(byBlock.map((parts) => parts[t] as tf.Tensor2D), 1);
    checkShape(`the second layer of "${name}"`, weight, [hidden.shape[1], width]);
    const biases = tf.sum(tf.reshape(bias, [blocks.length, width]), 0);
    return tf.add<tf.Tensor2D>(tf.matMul(hidden, weight), biases);
  });
}

function standardizeInputs(rows: tf.Tensor2D, statistics?: InputStatistics): tf.Tensor2D {
  if (statistics === undefined) return rows;
  return tf.div(tf.sub(rows, statistics.mean), statistics.deviation);
}

/**
 * How many parameters a ladder has, from its shape alone.
 *
 * @example
 * ```ts
 * import { countLadder } from "@hashigo/hashigo/method";
 * const grid = [14, 14] as const;
 * const teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
 * const count = countLadder({ width: 768, depth: 12, grid, teachers });
 * if (count !== 35_430_912) throw new Error("Expected the paper's ladder");
 * ```
 */
export function countLadder(config: LadderConfig): number {
  return countShapes(ladderShapes(config));
}

function hiddenWidth(config: LadderConfig, block: number): number {
  const { width, depth, hidden = width, lastHidden = 4 * width } = config;
  return block === depth - 1 ? lastHidden : hidden;
}
