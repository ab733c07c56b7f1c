/** The option `--readout` of commands. */
import type { ReadoutRequest } from "../evaluation/readout/read_model.ts";
import { readReadoutFile } from "../runs/readout_file.ts";

/**
 * Reads the value of `--readout`: "as-is", "chosen", or the path of a file.
 *
 * @throws {UserError} where it is a path and there is no readout
 *
 * @example
 * ```ts
 * import { readReadoutOption } from "./readout_option.ts";
 * if (await readReadoutOption("as-is") !== "as_is") throw new Error("As recipes spell it");
 * ```
 */
export async function readReadoutOption(value: string): Promise<ReadoutRequest> {
  if (value === "as-is") return "as_is";
  return value === "chosen" ? value : await readReadoutFile(value);
}
