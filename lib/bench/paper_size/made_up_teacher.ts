/** Files of teachers with random weights, under the names of a family: for measuring what real ones would cost. */
import { writeSafetensors } from "../../weights/safetensors/safetensors.ts";
import type { Axis } from "../../teachers/families/checkpoint_tensors.ts";
import { teacherFamilies, type TransformerFamilyName } from "../../teachers/families/families.ts";
import { randomStream } from "../../tensors/random.ts";

/** Shape of a vision transformer in the files of its family. */
export interface MadeUpShape {
  readonly width: number;
  readonly depth: number;
  /** Sides of a patch and of the images in pixels. */
  readonly patch: number;
  readonly image: number;
}

/** ViT-B/16 at 224 pixels. */
export const vitBase: MadeUpShape = { width: 768, depth: 12, patch: 16, image: 224 };

/**
 * Writes a checkpoint of a family: normal numbers of deviation 0.02, weights of norms around 1.
 *
 * @param seed decides the numbers
 */
export async function writeMadeUpTeacher(
  family: TransformerFamilyName,
  path: string,
  { width, depth, patch, image }: MadeUpShape,
  seed: number,
): Promise<void> {
  const sizes = { width, patch, hidden: 4 * width, patches: (image / patch) ** 2 };
  const random = randomStream(seed), drawn = random.at("numbers").normal(drawnNumbers);
  const expected = teacherFamilies[family].expected(new Map(), depth);
  await writeSafetensors(
    path,
    new Map(expected.map(({ from, shape }) => {
      const axes = shape.map((axis) => lengthOf(axis, sizes));
      const first = Math.floor(random.at(from).uniform(1)[0]! * drawn.length);
      const mean = /norm\d?\.weight$/.test(from) ? 1 : 0;
      const data = new Float32Array(axes.reduce((a, b) => a * b, 1));
      for (let i = 0; i < data.length; i++) {
        data[i] = mean + 0.02 * drawn[(first + i) % drawn.length]!;
      }
      return [from, { shape: axes, data }];
    })),
  );
}

/** So many are drawn, and repeated from another place for each tensor: a prime, so that rows do not repeat. */
const drawnNumbers = 1_048_573;

/** Length of an axis such as `"3*width"` or `"1+patches"`. */
function lengthOf(axis: Axis, sizes: { readonly [name: string]: number }): number {
  if (typeof axis === "number") return axis;
  const [, first, sign, name = axis] = /^(\d+)([*+])(\w+)$/.exec(axis) ?? [];
  const size = sizes[name];
  if (size === undefined) throw new Error(`Cannot make up a teacher: its files decide "${axis}"`);
  return first === undefined ? size : sign === "*" ? Number(first) * size : Number(first) + size;
}
