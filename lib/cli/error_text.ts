/** What the program says where a command ends with an error. */
import { UserError } from "../errors/user_error.ts";
import { systemErrorText } from "../io/disk_error.ts";
import { UsageError } from "./command.ts";
import { permissionsOf, version } from "./program.ts";

/** A command that ended with an error. */
export interface FailedCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** Precedes the command's name: "deno task" or "hashigo". */
  readonly program: string;
}

/** Text for people, and the exit status: 2 where the user can mend it, 1 for a defect. */
export function explainFailure(
  error: unknown,
  { name, args, program }: FailedCommand,
): { readonly text: string; readonly status: 1 | 2 } {
  const users = (text: string) => ({ text: `error: ${text}`, status: 2 } as const);
  if (error instanceof UsageError) return users(`${error.message}. See ${program} ${name} --help`);
  if (error instanceof UserError) return users(error.message);
  if (error instanceof Deno.errors.NotCapable) return users(permissionText(error, name, program));
  const system = systemErrorText(error);
  if (system !== undefined) return users(system);
  if (isOutOfMemory(error)) {
    return users(
      `There is not enough memory (${error.message}). Use a smaller batch, canvas or model, or ` +
        "close other programs.",
    );
  }
  return { text: defectText(error, [program, name, ...args].join(" ")), status: 1 };
}

function permissionText(error: Error, name: string, program: string): string {
  const message = error.message.replace(/, run again with the (--\S+) flag$/, "");
  const flag = /--allow-[a-z]+|--unstable-\S+/.exec(error.message)?.[0];
  const set = permissionsOf(name);
  if (program !== "deno task") {
    return `${message}. Allow it with ${
      flag ?? "--allow-all"
    }, or start it in a clone as deno task ${name}.`;
  }
  return `${message}, which is none of the permissions of this command (-P=${set}, in deno.json). ` +
    `To allow it all the same: deno run -P=${set} ${flag ?? "--allow-all"} lib/cli/main.ts ${name}`;
}

function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error &&
    /array buffer allocation failed|OOM when allocating|RESOURCE_EXHAUSTED|out of memory/i
      .test(error.message);
}

/** Everything that whoever mends a defect asks first. */
function defectText(error: unknown, command: string): string {
  const { deno, v8 } = Deno.version;
  return [
    `error: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    "This is a defect of hashigo, and no mistake of yours. Please report it with these lines:",
    `  version: hashigo ${version}, Deno ${deno}, V8 ${v8}, ${Deno.build.target}`,
    `  command: ${command}`,
    ...stackLines(error).map((line) => `  ${line}`),
  ].join("\n");
}

/** Frames of the error and of its causes. */
function stackLines(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  if (error.cause === undefined) return frames;
  const cause = error.cause instanceof Error
    ? `${error.cause.name}: ${error.cause.message}`
    : error.cause;
  return [...frames, `caused by ${cause}`, ...stackLines(error.cause)];
}
