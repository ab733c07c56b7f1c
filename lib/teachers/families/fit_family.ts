import {
  type CheckpointTensors,
  type ExpectedTensor,
  fitLayout,
  type LayoutFit,
} from "./checkpoint_tensors.ts";
import { type FamilyName, teacherFamilies } from "./families.ts";

/** How far a file fits a family. */
export interface FamilyFit extends LayoutFit {
  /** Number of blocks. */
  readonly depth: number;
  /** Rows and columns of the positions. */
  readonly side: number;
  /** The tensors that the family expects. */
  readonly expected: readonly ExpectedTensor[];
}

/** Compares a file with a family. Where there are differences, sizes may be missing or wrong. */
export function fitFamily(name: FamilyName, tensors: CheckpointTensors["tensors"]): FamilyFit {
  const family = teacherFamilies[name], depth = countBlocks(tensors, family.blockPrefix);
  const expected = family.expected(tensors, depth);
  const { sizes, differences } = fitLayout(tensors, expected, family.ignored);
  const patches = sizes.get("patches") ?? 1, side = Math.sqrt(patches);
  const oblong = Number.isInteger(side)
    ? []
    : [`there are positions of ${patches} patches, expected a square grid`];
  return { depth, side, expected, sizes, differences: [...oblong, ...differences] };
}

/** More blocks than any known network; later ones are unknown tensors, whatever a file claims. */
const mostBlocks = 256;

/** One more than the highest number in names that begin with `prefix`, such as `blocks.`. */
function countBlocks(tensors: CheckpointTensors["tensors"], prefix: string): number {
  const numbers = [...tensors.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number.parseInt(name.slice(prefix.length)) + 1);
  return Math.min(mostBlocks, numbers.reduce((most, number) => Math.max(most, number || 0), 0));
}
