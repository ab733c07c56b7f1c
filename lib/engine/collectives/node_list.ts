/** Slurm's way to write a list of nodes. */
import { UserError } from "../../errors/user_error.ts";

/**
 * The first node of a list such as `gpu[003-010,12]-ib,login1`: `gpu003-ib`.
 *
 * @throws {UserError} for a list that cannot be read
 *
 * @example
 * ```ts
 * import { firstNode } from "./node_list.ts";
 * if (firstNode("gpu[003-010,12],login1") !== "gpu003") throw new Error("Expected the first");
 * ```
 */
export function firstNode(list: string): string {
  // The first comma outside brackets ends the first name.
  const [first = ""] = /^(?:[^,[\]]|\[[^[\]]*\])+(?=,|$)/.exec(list.trim()) ?? [];
  const name = first.replaceAll(/\[(\d+)[^[\]]*\]/g, "$1");
  if (/^[\w.-]+$/.test(name)) return name;
  throw new UserError(
    `Cannot tell the first node of Slurm's list "${list}", expected something like node[01-04]. Set ` +
      "MASTER_ADDR to the name of the first node",
  );
}
