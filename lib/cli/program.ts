/** Name and version of the program. */
import configuration from "../../deno.json" with { type: "json" };

/** Version of the package. */
export const version: string = configuration.version;

/** What precedes the name of a command: "deno task" in a task of a checkout, else "hashigo". */
export function programName(): "deno task" | "hashigo" {
  // `deno task` sets this variable. Reading it without permission would fail.
  const variable = "INIT_CWD";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" && Deno.env.get(variable) ? "deno task" : "hashigo";
}
