/**
 * What every command of the program is: a value with a name, a summary, typed options and a function
 * that runs it. {@linkcode runCommand} of `run_command.ts` reads the arguments and runs it.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";
import type { ProgressLine, Work } from "../io/progress_line.ts";
import type { TerminalOutput } from "../io/terminal.ts";

/** One option of a command. `value` is the word that stands for the value in the help. */
export type Option =
  | { readonly type: "flag"; readonly summary: string }
  | { readonly type: "text"; readonly value: string; readonly summary: string }
  | { readonly type: "number"; readonly value: string; readonly summary: string }
  /** May be repeated; several values may also be joined by commas, unless `commas` is `"kept"`. */
  | {
    readonly type: "list";
    readonly value: string;
    readonly summary: string;
    readonly commas?: "kept";
  };

/** Long names, without dashes, of the options of a command. */
export type Options = { readonly [name: string]: Option };

/** The value of each option: absent text and numbers are undefined, absent lists are empty. */
export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: O[Name]["type"] extends "flag" ? boolean
    : O[Name]["type"] extends "number" ? number | undefined
    : O[Name]["type"] extends "list" ? readonly string[]
    : string | undefined;
};

/** What a command receives when it runs. */
export interface Invocation<O extends Options> {
  readonly options: OptionValues<O>;
  readonly positionals: readonly string[];
  readonly json: boolean;
  /** Aborted by the first interrupt, where the command declares `interrupt: "signal"`. */
  readonly signal: AbortSignal;
  /** A line for people: standard output, or standard error under `--json`. */
  say(line: string): void;
  /** A line of progress or a warning that stays: always standard error. */
  progress(line: string): void;
  /** How far long work has come, in the one line that is drawn over. */
  work(work: Work): void;
  /** That line itself, for states of other kinds. */
  readonly line: ProgressLine;
  /** A machine-readable result, one line of JSON on standard output; silent without `--json`. */
  emit(value: unknown): void;
}

/** What commands are for, with the titles under which `help` lists them, in order. */
export const groupTitles = {
  distil: "Distil",
  measure: "Measure",
  use: "Use",
  reproduce: "Reproduce",
  maintain: "Maintain",
} as const;

/** A key of {@linkcode groupTitles}. */
export type CommandGroup = keyof typeof groupTitles;

/** A command of the program; what its check finds is `Checked`. */
export interface Command<O extends Options = Options, Checked = unknown> {
  readonly name: string;
  readonly group: CommandGroup;
  /** One line. */
  readonly summary: string;
  /** More lines for `--help`. Default: none. */
  readonly details?: string;
  /** Arguments that work, printed by `--help` after the command's name. */
  readonly example: string;
  /** In order: `"RECIPE"` is needed, `"[RECIPE]"` may be left out, `"[RUN...]"` may be many. */
  readonly positionals?: readonly string[];
  readonly options?: O;
  /**
   * `"exit"` (default) leaves at once; `"signal"` lets `run` finish by itself on the first interrupt,
   * and leaves at once on the second.
   */
  readonly interrupt?: "exit" | "signal";
  /**
   * Looks at everything that `run` will need: names, files, places for results, memory. It makes nothing,
   * fetches nothing and starts no engine, so that a mistake costs a moment. Default: nothing is looked at.
   *
   * @returns what `run` goes on from
   * @throws {UserError} for the user's mistakes
   */
  check?(invocation: Invocation<O>): Promise<Checked> | Checked;
  /** Returns the exit status, by default 0. Throw a {@link UserError} for the user's mistakes. */
  run(invocation: Invocation<O>, checked: Checked): Promise<number | void> | number | void;
}

/** Where a command writes its lines. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
  /** Where lines can be drawn over. Default: progress is plain lines to `err`. */
  readonly live?: TerminalOutput | undefined;
}

/** A mistake in the command line: its message is followed by where to find the command's help. */
export class UsageError extends UserError {}

/**
 * Declares a command; it exists so that the types of the options are inferred.
 *
 * @example
 * ```ts ignore
 * export const greet = defineCommand({
 *   name: "greet",
 *   group: "use",
 *   summary: "Says hello",
 *   example: "--name Ada",
 *   options: { name: { type: "text", value: "NAME", summary: "whom to greet" } },
 *   run: ({ options, say }) => say(`Hello, ${options.name ?? "world"}`),
 * });
 * ```
 */
export function defineCommand<const O extends Options, Checked = undefined>(
  command: Command<O, Checked>,
): Command<O, Checked> {
  return command;
}
