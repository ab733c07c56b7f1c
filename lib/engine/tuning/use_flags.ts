/** Starts XLA with a set of flags. */
import { UserError } from "../../errors/user_error.ts";
import { locateTensorFlow } from "../install/library.ts";
import { type FlagSetName, flagSets } from "./flag_sets.ts";
import { knownFlagSets } from "./known_flags.ts";

/** The variable in which XLA looks for flags when its library starts. */
export const flagVariable = "XLA_FLAGS";

/**
 * Makes XLA of this process run with a set of flags; the engine must not have started. Flags that the user
 * set stay, and none are added to them.
 *
 * @throws {UserError} where the library has no such flags
 */
export async function useFlagSet(set: FlagSetName): Promise<void> {
  if (flagSets[set].length === 0 || Deno.env.get(flagVariable) !== undefined) return;
  if (Deno.env.get("HASHIGO_BACKEND") === "wasm") return; // has no XLA
  const { library } = await locateTensorFlow();
  if (!(await knownFlagSets(library)).includes(set)) {
    throw new UserError(
      `Cannot use the flags "${set}" of XLA: "${library}" has none of their names. Run deno task tune ` +
        "again, or use xlaFlags=plain",
    );
  }
  Deno.env.set(flagVariable, flagSets[set].join(" "));
}
