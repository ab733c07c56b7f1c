import { UserError } from "../../errors/user_error.ts";
import type { CheckpointTensors } from "./checkpoint_tensors.ts";
import { type FamilyName, teacherFamilies } from "./families.ts";
import { fitFamily } from "./fit_family.ts";

/** Lines that an error spends on differences, and characters of each: names may be of any length. */
const mostLines = 12, mostCharacters = 200;

/**
 * The error for a file that does not fit its family: everything that differs, and the family that the
 * file fits better.
 */
export function misfit(
  name: FamilyName,
  { source, tensors }: CheckpointTensors,
  differences: readonly string[],
): UserError {
  const lines = differences.slice(0, mostLines).map((line) =>
    `  - ${line.length > mostCharacters ? `${line.slice(0, mostCharacters)} …` : line}`
  );
  const more = differences.length - lines.length;
  if (more > 0) lines.push(`  - and ${more} more`);
  return new UserError(
    `Cannot load "${source}" as "${name}": found ${counted(differences.length)}:\n` +
      `${lines.join("\n")}\n` +
      advice(name, tensors, differences.length),
  );
}

function advice(
  name: FamilyName,
  tensors: CheckpointTensors["tensors"],
  differences: number,
): string {
  const [nearest] = (Object.keys(teacherFamilies) as FamilyName[])
    .filter((other) => other !== name)
    .map((other) => ({ other, count: fitFamily(other, tensors).differences.length }))
    .toSorted((a, b) => a.count - b.count);
  if (nearest?.count === 0) return `It fits the family "${nearest.other}": load it as that.`;
  return nearest !== undefined && nearest.count < differences
    ? `The nearest family is "${nearest.other}", with ${counted(nearest.count)}. Expected the ` +
      "weights of one whole encoder."
    : "No other family is nearer. Expected the weights of one whole encoder, as its authors saved it.";
}

function counted(differences: number): string {
  return `${differences} ${differences === 1 ? "difference" : "differences"}`;
}
