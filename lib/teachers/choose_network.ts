import { UserError } from "../errors/user_error.ts";
import type { CheckpointTensors } from "./families/checkpoint_tensors.ts";
import type { FamilyName } from "./family_names.ts";
import type { LoadFamilyOptions } from "./families/load_options.ts";
import { misfit, type MisfittingNetwork } from "./misfit.ts";

/**
 * The one network of a file that fits.
 *
 * @param networks Those of the file, the ones that fit first.
 * @throws {UserError} Where none fits, or several do and no key chooses.
 */
export function chooseNetwork<N extends MisfittingNetwork>(
  family: FamilyName,
  file: CheckpointTensors,
  networks: readonly N[],
  { withoutPrefix = false }: Pick<LoadFamilyOptions, "withoutPrefix"> = {},
): N {
  const [first] = networks;
  if (first === undefined || first.fit.differences.length > 0) throw misfit(family, file, first!);
  const fitting = networks.filter(({ fit }) => fit.differences.length === 0);
  const plain = withoutPrefix ? fitting.find(({ prefix }) => prefix === "") : undefined;
  if (plain !== undefined) return plain;
  if (fitting.length === 1 && !withoutPrefix) return first;
  const keys = fitting.map(({ prefix }) => JSON.stringify(prefix.replace(/\.$/, "") || "."));
  const count = fitting.length === 1
    ? "one network that fits"
    : `${fitting.length} networks that fit`;
  throw new UserError(
    `Cannot load "${file.source}" as "${family}": found ${count}, ${keys.join(" and ")}. ` +
      `Choose one by its key, such as --key ${keys.at(-1)}, or key: ${
        keys.at(-1)
      } in a recipe or program`,
  );
}
