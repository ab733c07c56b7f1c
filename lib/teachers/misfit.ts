import { UserError } from "../errors/user_error.ts";
import type { CheckpointTensors } from "./families/checkpoint_tensors.ts";
import { isConvolutional } from "./convolutional/families.ts";
import { findConvolutional } from "./convolutional/find_networks.ts";
import { type FamilyName, familyNames } from "./family_names.ts";
import { findNetworks } from "./families/find_networks.ts";

/** A network of a file that does not fit its family. */
export interface MisfittingNetwork {
  /** What stands before its names. */
  readonly prefix: string;
  /** One line for every missing, surplus or mis-shaped tensor. */
  readonly fit: { readonly differences: readonly string[] };
}

/** Lines that an error spends on differences, and characters of each: names may be of any length. */
const mostLines = 12, mostCharacters = 200;

/**
 * The error for a file that does not fit its family: everything that differs, and the family that the
 * file fits better.
 */
export function misfit(
  name: FamilyName,
  file: CheckpointTensors,
  { prefix, fit: { differences } }: MisfittingNetwork,
): UserError {
  const lines = differences.slice(0, mostLines).map((line) =>
    `  - ${line.length > mostCharacters ? `${line.slice(0, mostCharacters)} …` : line}`
  );
  const more = differences.length - lines.length;
  if (more > 0) lines.push(`  - and ${more} more`);
  return new UserError(
    `Cannot load "${file.source}" as "${name}": found ${counted(differences.length)}` +
      `${prefix === "" ? "" : ` below ${JSON.stringify(prefix)}`}:\n` +
      `${lines.join("\n")}\n` +
      advice(name, file, differences.length),
  );
}

function advice(
  name: FamilyName,
  file: CheckpointTensors,
  differences: number,
): string {
  const [, count] = /-\d{5}-of-(\d{5})\.(safetensors|bin)$/.exec(file.source) ?? [];
  if (count !== undefined && Number(count) > 1) {
    return `It is one of ${Number(count)} files: give their index, such as ` +
      "model.safetensors.index.json or pytorch_model.bin.index.json.";
  }

  const [nearest] = familyNames()
    .filter((other) => other !== name)
    .map((other) => ({ other, count: differencesFrom(other, file) }))
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

function differencesFrom(name: FamilyName, file: CheckpointTensors): number {
  const [nearest] = isConvolutional(name)
    ? findConvolutional(name, file)
    : findNetworks(name, file);
  return nearest!.fit.differences.length;
}
