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

/** Name of the set of permissions in deno.json with which the task of a command runs. */
export function permissionsOf(command: string): string {
  const tasks: Readonly<Record<string, { readonly command: string }>> = configuration.tasks;
  return /-P=(\w+)/.exec(tasks[command]?.command ?? "")?.[1] ?? "all";
}
