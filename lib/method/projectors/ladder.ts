import * as tf from "@tensorflow/tfjs";
import { gelu } from "../../nn/gelu.ts";
import { linear, type LinearParameters, truncatedNormal } from "../../nn/linear.ts";
import { type Grid, resampleTokens, supervisedGrid } from "../../nn/token_grid.ts";
import { splitTokens } from "../../nn/vision_transformer.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Predictions, TeacherShape, TokenType } from "../tokens.ts";

/** Shape of a ladder of projectors. */
export interface LadderConfig {
  /** Width of the student's tokens. */
  readonly width: number;
  /** Blocks of the student. */
  readonly depth: number;
  /** The student's grid of patches. */
  readonly grid: Grid;
  /** Order of the columns wherever teachers stand side by side. */
  readonly teachers: readonly TeacherShape[];
  /** The blocks that are read, counted from 0 and rising; default all. */
  readonly blocks?: readonly number[];
  /** Hidden width of the heads on every block but the student's last; default `width`. */
  readonly hidden?: number;
  /** Hidden width of the heads on the student's last block; default `4 * width`. */
  readonly lastHidden?: number;
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
};

/** By set of tokens: `cls`, `patch`, and `patch_4x4` for teachers with a coarser grid of 4 x 4. */
export type LadderParameters = { readonly [group: string]: HeadGroupParameters };

/** Teachers that predict from the same tokens, in the order of the configuration. */
export interface HeadGroup {
  /** `cls`, `patch`, or `patch_RxC` for a coarser grid; part of parameter names. */
  readonly name: string;
  /** What is predicted. */
  readonly token: TokenType;
  /** Where patches are compared. */
  readonly grid: Grid;
  /** Order of the columns of the first layers. */
  readonly teachers: readonly TeacherShape[];
}

/**
 * Parameters of the ladder: truncated normal of standard deviation 0.02, zero biases, in all heads.
 *
 * @throws {UserError} Where a teacher's name or tokens, or a block's number, cannot be used.
 * @source UNIC section 3.4 and appendix A.
 *
 * @example
 * ```ts
 * import { initLadder, randomStream, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const { cls } = initLadder({ width: 4, depth: 2, grid: [2, 2], teachers }, randomStream(0));
 * if (cls?.output.a?.weight.shape.join() !== "20,5") throw new Error("Expected 4 + 16 rows");
 * ```
 */
export function initLadder(config: LadderConfig, random: RandomStream): LadderParameters {
  checkLadder(config);
  const blocks = ladderBlocks(config);
  const total = blocks.reduce((sum, block) => sum + hiddenWidth(config, block), 0);
  const layer = (inputs: number, outputs: number, biases: number, stream: RandomStream) => ({
    weight: truncatedNormal([inputs, outputs], stream.at("weight")),
    bias: tf.zeros<tf.Rank.R1>([biases]),
  });
  return Object.fromEntries(
    headGroups(config).map(({ name, teachers }) => {
      const stream = random.at(name);
      const hidden = blocks.map((block) => {
        const width = teachers.length * hiddenWidth(config, block);
        return [`${block}`, layer(config.width, width, width, stream.at("hidden", block))] as const;
      });
      const output = teachers.map((teacher) => {
        const biases = blocks.length * teacher.width;
        const own = stream.at("output", teacher.name);
        return [teacher.name, layer(total, teacher.width, biases, own)] as const;
      });
      return [name, { hidden: Object.fromEntries(hidden), output: Object.fromEntries(output) }];
    }),
  );
}

/**
 * What the student predicts of every teacher: for each teacher and token type the sum, over the
 * student's blocks, of a two-layer perceptron of that block's raw tokens. Computed by concatenation:
 * for one block the first layers of all teachers are one product, for one teacher the sum over
 * blocks is one product of the concatenated hidden states.
 *
 * @param blockOutputs Raw output of each of the student's blocks, `[batch, 1 + patches, width]`.
 * @source UNIC section 3.4.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { initLadder, ladder, randomStream, startEngine } from "@hashigo/hashigo";
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
  blockOutputs: readonly tf.Tensor3D[],
  config: LadderConfig,
): Predictions {
  const blocks = ladderBlocks(config);
  const tokens = blocks.map((block) => splitTokens(blockOutputs[block]!));
  const predictions: Record<string, Record<string, tf.Tensor>> = Object.fromEntries(
    config.teachers.map(({ name }) => [name, {}]),
  );
  for (const group of headGroups(config)) {
    const inputs = tokens.map(({ cls, patch }) =>
      group.token === "cls" ? cls : resampleTokens(patch, config.grid, group.grid)
    );
    const outputs = headGroup(parameters[group.name]!, inputs, group.teachers, blocks);
    group.teachers.forEach(({ name, width }, i) => {
      const shape = [...inputs[0]!.shape.slice(0, -1), width];
      predictions[name]![group.token] = tf.reshape(outputs[i]!, shape);
    });
  }
  return predictions as Predictions;
}

/** `[rows, teacherWidth]` for each teacher of a group, from the tokens of each block. */
function headGroup(
  parameters: HeadGroupParameters,
  inputs: readonly (tf.Tensor2D | tf.Tensor3D)[],
  teachers: readonly TeacherShape[],
  blocks: readonly number[],
): tf.Tensor2D[] {
  const byBlock = inputs.map((x, i) => {
    const rows = tf.reshape<tf.Rank.R2>(x, [-1, x.shape.at(-1)!]);
    const hidden = gelu(linear(parameters.hidden[blocks[i]!]!, rows));
    // tfjs has no gradient for a split into one part.
    return teachers.length === 1 ? [hidden] : tf.split(hidden, teachers.length, 1);
  });
  return teachers.map(({ name, width }, t) => {
    const { weight, bias } = parameters.output[name]!;
    const hidden = tf.concat2d(byBlock.map((parts) => parts[t] as tf.Tensor2D), 1);
    const biases = tf.sum(tf.reshape(bias, [blocks.length, width]), 0);
    return tf.add<tf.Tensor2D>(tf.matMul(hidden, weight), biases);
  });
}

/**
 * How many parameters a ladder has, from its shape alone.
 *
 * @example
 * ```ts
 * import { countLadder } from "@hashigo/hashigo";
 * const grid = [14, 14] as const;
 * const teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
 * const count = countLadder({ width: 768, depth: 12, grid, teachers });
 * if (count !== 35_430_912) throw new Error("Expected the paper's ladder");
 * ```
 */
export function countLadder(config: LadderConfig): number {
  let count = 0;
  for (const { teachers } of headGroups(config)) {
    for (const block of ladderBlocks(config)) {
      const hidden = hiddenWidth(config, block);
      for (const teacher of teachers) {
        count += (config.width + 1) * hidden + (hidden + 1) * teacher.width;
      }
    }
  }
  return count;
}

/**
 * Teachers with the same token type and supervised grid share their first products.
 *
 * @example
 * ```ts
 * import { headGroups } from "@hashigo/hashigo";
 * const teachers = [
 *   { name: "a", width: 5, tokens: ["cls", "patch"] as const, grid: [4, 4] as const },
 *   { name: "b", width: 3, tokens: ["patch"] as const, grid: [2, 2] as const },
 * ];
 * const names = headGroups({ grid: [4, 4], teachers }).map(({ name }) => name);
 * if (names.join() !== "cls,patch,patch_2x2") throw new Error("Expected three groups");
 * ```
 */
export function headGroups(config: Pick<LadderConfig, "grid" | "teachers">): HeadGroup[] {
  const groups = new Map<string, HeadGroup>();
  for (const token of ["cls", "patch"] as const) {
    for (const teacher of config.teachers) {
      if (!teacher.tokens.includes(token)) continue;
      const grid = supervisedGrid(config.grid, teacher.grid);
      const own = `${grid}` !== `${config.grid}`;
      const name = token === "patch" && own ? `patch_${grid[0]}x${grid[1]}` : token;
      const group = groups.get(name) ?? { name, token, grid, teachers: [] };
      groups.set(name, { ...group, teachers: [...group.teachers, teacher] });
    }
  }
  return [...groups.values()];
}

function ladderBlocks(config: LadderConfig): readonly number[] {
  return config.blocks ?? Array.from({ length: config.depth }, (_, block) => block);
}

function hiddenWidth(config: LadderConfig, block: number): number {
  const { width, depth, hidden = width, lastHidden = 4 * width } = config;
  return block === depth - 1 ? lastHidden : hidden;
}

/**
 * Refuses teachers that no projector can serve, and blocks that the student does not have.
 *
 * @throws {UserError} Where a teacher's name or tokens, or a block's number, cannot be used.
 *
 * @example
 * ```ts
 * import { checkLadder } from "@hashigo/hashigo";
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * checkLadder({ width: 4, depth: 2, grid: [2, 2], teachers, blocks: [0, 1] });
 * ```
 */
export function checkLadder(config: LadderConfig): void {
  const { teachers, depth } = config, blocks = ladderBlocks(config);
  const names = teachers.map(({ name }) => name);
  const poor = teachers.find(({ tokens }) => tokens.length === 0);
  const fault = names.length === 0
    ? "there is no teacher"
    : names.find((name) => name === "" || name.includes(".")) !== undefined
    ? `a teacher is named "${names.find((name) => name === "" || name.includes("."))}"`
    : new Set(names).size < names.length
    ? `teachers share a name (${names.join(", ")})`
    : poor
    ? `teacher ${poor.name} offers no tokens`
    : blocks.length === 0 || blocks.some((b, i) => !(b > (blocks[i - 1] ?? -1)) || b >= depth)
    ? `the blocks are [${blocks.join(", ")}] of a student with ${depth}`
    : undefined;
  if (fault) {
    throw new UserError(
      `Cannot build a ladder: ${fault}. Expected teachers with names of their own, without dots, ` +
        "each with cls or patch tokens, and rising block numbers from 0. Correct the recipe",
    );
  }
}
