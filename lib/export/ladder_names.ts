/**
 * The ladder's heads one by one under the reference's names. Our ladder keeps the heads of all teachers and
 * of all blocks in common matrices.
 *
 * @module
 */
import type { LadderConfig } from "../method/projectors/ladder.ts";
import { headGroups } from "../method/projectors/head_groups.ts";
import type { TeacherShape } from "../method/tokens.ts";
import type { Grid } from "../nn/token_grid.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { type LadderHead, ladderTeachers } from "./ladder_teachers.ts";
import { type TensorMap, tensorTaker, unfit } from "./named_tensors.ts";
import { joinRows, rowsOf, transposed } from "./tensor_rows.ts";

/** `TEACHER.cls.BLOCK.layers.0.weight`. */
const headName = /^([^.]+)\.(cls|patch)\.(\d+)\.layers\.([02])\.(weight|bias)$/;

/**
 * Our ladder as separate heads.
 *
 * @param ladder Names as in a checkpoint of a run, without `ladder.`: `cls.hidden.0.weight`,
 *   `cls.output.TEACHER.weight`, ….
 * @returns `TEACHER.cls.BLOCK.layers.0.weight [hidden, width]`, `.layers.0.bias [hidden]`,
 *   `.layers.2.weight [teacherWidth, hidden]` and `.layers.2.bias [teacherWidth]`.
 * @throws {UserError} Where a tensor is missing, left over or of another shape.
 *
 * @example
 * ```ts
 * import { toLadderNames } from "./ladder_names.ts";
 * const zeros = (...shape: number[]) => {
 *   return { shape, data: new Float32Array(shape.reduce((product, length) => product * length)) };
 * };
 * const heads = toLadderNames(
 *   new Map([
 *     ["cls.hidden.0.weight", zeros(4, 16)], ["cls.hidden.0.bias", zeros(16)],
 *     ["cls.output.a.weight", zeros(16, 5)], ["cls.output.a.bias", zeros(5)],
 *   ]),
 *   { width: 4, depth: 1, grid: [2, 2], teachers: [{ name: "a", width: 5, tokens: ["cls"], grid: [2, 2] }] },
 * );
 * if (heads.get("a.cls.0.layers.2.weight")?.shape.join() !== "5,16") throw new Error();
 * ```
 */
export function toLadderNames(ladder: TensorMap, config: LadderConfig): Map<string, FloatTensor> {
  const { width, depth, hidden = width, lastHidden = 4 * width } = config;
  const blocks = config.blocks ?? Array.from({ length: depth }, (_, block) => block);
  const taker = tensorTaker(ladder, "the ladder");
  const heads = new Map<string, FloatTensor>();
  for (const { name: group, token, teachers } of headGroups(config)) {
    const sizes = blocks.map((block) => block === depth - 1 ? lastHidden : hidden);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const first = blocks.map((block, i) => {
      const columns = teachers.length * sizes[i]!;
      return {
        weight: transposed(taker.take(`${group}.hidden.${block}.weight`, [width, columns])),
        bias: taker.take(`${group}.hidden.${block}.bias`, [columns]),
      };
    });
    teachers.forEach((teacher, t) => {
      const output = `${group}.output.${teacher.name}`;
      const weight = taker.take(`${output}.weight`, [total, teacher.width]);
      const bias = taker.take(`${output}.bias`, [blocks.length * teacher.width]);
      let row = 0;
      blocks.forEach((block, i) => {
        const size = sizes[i]!;
        const head = `${teacher.name}.${token}.${block}.layers`;
        heads.set(`${head}.0.weight`, rowsOf(first[i]!.weight, t * size, (t + 1) * size));
        heads.set(`${head}.0.bias`, rowsOf(first[i]!.bias, t * size, (t + 1) * size));
        heads.set(`${head}.2.weight`, transposed(rowsOf(weight, row, row + size)));
        heads.set(`${head}.2.bias`, rowsOf(bias, i * teacher.width, (i + 1) * teacher.width));
        row += size;
      });
    });
  }
  taker.finish();
  return heads;
}

/**
 * Separate heads as our ladder, and its shape, read off the tensors.
 *
 * @param heads Names as of {@linkcode toLadderNames}. Teachers are put in the order of their names.
 * @param student Depth and grid of the student.
 * @param grids Grids of teachers that are coarser than the student's; they cannot be read off the tensors.
 * @throws {UserError} Where a tensor is missing, left over or of another shape.
 *
 * @example
 * ```ts
 * import { fromLadderNames } from "./ladder_names.ts";
 * let refused = "";
 * try {
 *   fromLadderNames(new Map([["a.cls.0.norm", { shape: [1], data: Float32Array.of(1) }]]), {
 *     width: 4, depth: 1, grid: [2, 2],
 *   });
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes("a.cls.0.norm")) throw new Error("Expected the surplus name");
 * ```
 */
export function fromLadderNames(
  heads: TensorMap,
  student: Pick<LadderConfig, "width" | "depth" | "grid">,
  grids: { readonly [teacher: string]: Grid } = {},
): { config: LadderConfig; ladder: Map<string, FloatTensor> } {
  const config = readConfig(heads, student, grids);
  const { width, depth, hidden = width, lastHidden = 4 * width } = config;
  const blocks = config.blocks ?? Array.from({ length: depth }, (_, block) => block);
  const taker = tensorTaker(heads, "the ladder of separate heads");
  const ladder = new Map<string, FloatTensor>();
  for (const { name: group, token, teachers } of headGroups(config)) {
    const head = (teacher: TeacherShape, block: number) =>
      `${teacher.name}.${token}.${block}.layers`;
    const sizeOf = (block: number) => block === depth - 1 ? lastHidden : hidden;
    for (const block of blocks) {
      const size = sizeOf(block);
      const take = (kind: string, shape: number[]) =>
        joinRows(
          teachers.map((teacher) => taker.take(`${head(teacher, block)}.0.${kind}`, shape)),
        );
      const weight = transposed(take("weight", [size, width]));
      ladder.set(`${group}.hidden.${block}.weight`, weight);
      ladder.set(`${group}.hidden.${block}.bias`, take("bias", [size]));
    }
    for (const teacher of teachers) {
      const weights = blocks.map((block) =>
        transposed(taker.take(`${head(teacher, block)}.2.weight`, [teacher.width, sizeOf(block)]))
      );
      const biases = blocks.map((block) =>
        taker.take(`${head(teacher, block)}.2.bias`, [teacher.width])
      );
      ladder.set(`${group}.output.${teacher.name}.weight`, joinRows(weights));
      ladder.set(`${group}.output.${teacher.name}.bias`, joinRows(biases));
    }
  }
  taker.finish();
  return { config, ladder };
}

/** The shape of a ladder, as far as it can be read off its tensors; defaults are left out. */
function readConfig(
  heads: TensorMap,
  { width, depth, grid }: Pick<LadderConfig, "width" | "depth" | "grid">,
  grids: { readonly [teacher: string]: Grid },
): LadderConfig {
  const outputs: LadderHead[] = [];
  const hidden = new Map<number, number>();
  for (const [name, { shape }] of heads) {
    const [, teacher = "", token, block, layer, kind] = headName.exec(name) ?? [];
    if (token !== "cls" && token !== "patch") {
      throw unfit("the ladder of separate heads", `the tensor "${name}", expected no such name`);
    }
    if (layer !== "2" || kind !== "weight") continue;
    const [teacherWidth = 0, inputs = 0] = shape;
    outputs.push({ teacher, token, width: teacherWidth, grid: grids[teacher] });
    hidden.set(Number(block), inputs);
  }
  const blocks = [...hidden.keys()].sort((a, b) => a - b);
  const inner = hidden.get(blocks.find((block) => block !== depth - 1) ?? -1);
  const last = hidden.get(depth - 1);
  return {
    width,
    depth,
    grid,
    teachers: ladderTeachers(outputs, grid),
    // Defaults are absent, so that the shape equals the one that the ladder was made with.
    ...blocks.length < depth && { blocks },
    ...inner !== undefined && inner !== width && { hidden: inner },
    ...last !== undefined && last !== 4 * width && { lastHidden: last },
  };
}
