/** A process of its own, in which memory is measured. */
import { UserError } from "../errors/user_error.ts";

/**
 * Runs a module with one argument in another process, and returns the JSON that it prints.
 *
 * @param module Path of the program.
 * @param env Variables of its environment that differ from ours.
 * @throws {UserError} with what the process printed, where it failed
 */
export async function measureInProcess<Result>(
  module: string,
  argument: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // Deno opens /proc only with all permissions.
    args: ["run", "-q", "--allow-all", module, argument],
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return JSON.parse(text(stdout));
  throw new UserError(`Cannot measure: the measuring process ended with ${text(stderr)}`);
}

/**
 * Highest resident memory of this process in bytes, which Linux records; 0 elsewhere. (`getrusage`
 * would include the parent before a child's program began.)
 */
export function highWaterMark(): number {
  try {
    const [, kilobytes = "0"] = /VmHWM:\s*(\d+) kB/.exec(
      Deno.readTextFileSync("/proc/self/status"),
    ) ?? [];
    return 1024 * Number(kilobytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
