import {
  type CheckpointTensors,
  type ExpectedTensor,
  fitLayout,
  type LayoutFit,
} from "./checkpoint_tensors.ts";
import { teacherFamilies, type TransformerFamilyName } from "./families.ts";

/** How far a file fits a family. */
export interface FamilyFit extends LayoutFit {
  /** Number of blocks. */
  readonly depth: number;
  /** Rows and columns of the positions. */
  readonly side: number;
  /** Pixels of a patch's side. */
  readonly patchSize: number;
  /** The tensors that the family expects. */
  readonly expected: readonly ExpectedTensor[];
}

/** What decides between two readings of a file, and what it may lack. */
export interface FitOptions {
  /** Pixels of a side of the images, where they were given. */
  readonly inputSize?: number | undefined;
  /** Names of tensors that may be missing. */
  readonly optional?: readonly string[] | undefined;
}

/** Compares a file with a family. Where there are differences, sizes may be missing or wrong. */
export function fitFamily(
  name: TransformerFamilyName,
  tensors: CheckpointTensors["tensors"],
  { inputSize, optional = [] }: FitOptions = {},
): FamilyFit {
  const family = teacherFamilies[name], depth = countBlocks(tensors, family.blockPrefix);
  const expected = family.expected(tensors, depth)
    .filter(({ from }) => tensors.has(from) || !optional.includes(from));
  const { sizes, differences } = fitLayout(tensors, expected, family.ignored);
  const patchSize = sizes.get("patch") ?? 2 ** stagesOf(expected);
  const patches = sizes.get("patches") ?? 1, side = Math.sqrt(patches);
  const doubts = Number.isInteger(side)
    ? family.doubt?.(tensors, { side, patchSize, inputSize })
    : oblong(patches);
  return {
    ...{ depth, side, patchSize, expected, sizes },
    differences: [...doubts === undefined ? [] : [doubts], ...differences],
  };
}

/** Positions that are no square grid, with the grid that they may be. */
function oblong(patches: number): string {
  const rows = Math.floor(Math.sqrt(patches));
  const divisor = Array.from({ length: rows }, (_, i) => rows - i).find((n) => patches % n === 0);
  const grid = divisor === undefined || divisor === 1
    ? ""
    : `; theirs may be ${divisor} x ${patches / divisor}`;
  return `there are positions of ${patches} patches, expected a square grid${grid}`;
}

/** Stages of a stem of convolutions, each of which halves the image. */
function stagesOf(expected: readonly ExpectedTensor[]): number {
  return expected.filter(({ to }) => /^stem\.stages\.\d+\.convolution\.weight$/.test(to)).length;
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
