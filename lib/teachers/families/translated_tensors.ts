/** Tensors of a file under the names of a family, some of them made of several. */
import type { CheckpointTensors, WholeFile } from "./checkpoint_tensors.ts";
import type { FamilyTensorName } from "./naming.ts";

/** One tensor of the family: those of the file that it is made of, in order. */
interface Source {
  readonly shape: readonly number[];
  readonly from: readonly string[];
  readonly transposed: boolean;
}

/**
 * The tensors of a file under the names of a family. Where two tensors would share a name, or parts
 * do not fit together, they keep the names of the file, under which the family does not know them.
 *
 * @param names The family's name of each tensor of the file that is read.
 */
export function translated(
  file: WholeFile,
  names: ReadonlyMap<string, FamilyTensorName>,
): Pick<CheckpointTensors, "tensors" | "read"> {
  const sources = new Map<string, Source>();
  const grouped = Map.groupBy(names, ([, { to }]) => to);
  for (const [to, group] of grouped) {
    const parts = group.toSorted(([, a], [, b]) => (a.part ?? 0) - (b.part ?? 0));
    const shapes = parts.map(([name]) => file.tensors.get(name)?.shape ?? []);
    const [, { transposed = false }] = parts[0]!;
    if (fitTogether(parts.map(([, one]) => one), shapes)) {
      const shape = parts.length === 1 ? shapes[0]! : joinedShape(shapes);
      const from = parts.map(([name]) => name);
      sources.set(to, { shape: transposed ? shape.toReversed() : shape, from, transposed });
    } else {
      parts.forEach(([name], i) =>
        sources.set(name, { shape: shapes[i]!, from: [name], transposed: false })
      );
    }
  }
  return { tensors: sources, read: (name) => readSource(file, sources.get(name), name) };
}

/** Whether tensors are one whole one, or the first, second and third part of one. */
function fitTogether(
  parts: readonly FamilyTensorName[],
  shapes: readonly (readonly number[])[],
): boolean {
  const [first] = shapes;
  if (parts.length === 1) return parts[0]?.part === undefined;
  return parts.length === 3 && parts.every(({ part }, i) => part === i) &&
    first !== undefined && first.length > 0 &&
    shapes.every((shape) => shape.slice(1).join() === first.slice(1).join());
}

function joinedShape(shapes: readonly (readonly number[])[]): number[] {
  const rows = shapes.reduce((sum, [rows = 0]) => sum + rows, 0);
  return [rows, ...shapes[0]!.slice(1)];
}

function readSource(file: WholeFile, source: Source | undefined, name: string): Float32Array {
  if (source === undefined) return file.read(name); // which says that there is none
  const parts = source.from.map((one) => file.read(one));
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    return source.transposed ? transposed(first, source.shape) : first;
  }
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Rows and columns exchanged; `shape` is that of the result. */
function transposed(
  numbers: Float32Array,
  [rows = 0, columns = 0]: readonly number[],
): Float32Array {
  const result = new Float32Array(numbers.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[row * columns + column] = numbers[column * rows + row]!;
    }
  }
  return result;
}
