/**
 * The frame that every task shares: `--help` with an example, `--json` (machine-readable results on
 * standard output, everything for people on standard error), typed options, mistakes told as "what
 * was found, what was expected" with exit status 2, and 130 or 143 for an interrupt.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { Interrupted, listenForInterrupts } from "../process/interrupts.ts";
import { UserError } from "../errors/user_error.ts";

/** One option of a command. `value` is the word that stands for the value in the help. */
export type Option =
  | { readonly type: "flag"; readonly summary: string }
  | { readonly type: "text"; readonly value: string; readonly summary: string }
  | { readonly type: "number"; readonly value: string; readonly summary: string }
  /** May be repeated. */
  | { readonly type: "list"; readonly value: string; readonly summary: string };

/** Long names, without dashes, of the options of a command. */
export type Options = { readonly [name: string]: Option };

/** What was given for each option: absent text and numbers are undefined, absent lists are empty. */
export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: O[Name]["type"] extends "flag" ? boolean
    : O[Name]["type"] extends "number" ? number | undefined
    : O[Name]["type"] extends "list" ? readonly string[]
    : string | undefined;
};

/** What a command is given when it runs. */
export interface Invocation<O extends Options> {
  readonly options: OptionValues<O>;
  readonly positionals: readonly string[];
  readonly json: boolean;
  /** Aborted by the first interrupt, where the command asked for `interrupt: "signal"`. */
  readonly signal: AbortSignal;
  /** A line for people: standard output, or standard error under `--json`. */
  say(line: string): void;
  /** A line of progress or a warning: always standard error. */
  progress(line: string): void;
  /** A machine-readable result, one line of JSON on standard output; silent without `--json`. */
  emit(value: unknown): void;
}

/** A task of the package, as a value. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  readonly summary: string;
  /** A command line that works, printed by `--help`. */
  readonly example: string;
  /** In order: `"RECIPE"` is needed, `"[RECIPE]"` may be left out, `"[RUN...]"` may be many. */
  readonly positionals?: readonly string[];
  readonly options?: O;
  /**
   * `"exit"` (default) leaves at once; `"signal"` lets `run` finish by itself on the first interrupt,
   * and leaves at once on the second.
   */
  readonly interrupt?: "exit" | "signal";
  /** Returns the exit status; nothing means 0. Throw a {@link UserError} for the user's mistakes. */
  run(invocation: Invocation<O>): Promise<number | void> | number | void;
}

/** Where a command writes its lines. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
}

const terminal: CommandOutput = {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
};

/**
 * Declares a command; only there so that the types of its options are inferred.
 *
 * @example
 * ```ts ignore
 * export const greet = defineCommand({
 *   name: "greet",
 *   summary: "Says hello",
 *   example: "deno task greet --name Ada",
 *   options: { name: { type: "text", value: "NAME", summary: "whom to greet" } },
 *   run: ({ options, say }) => say(`Hello, ${options.name ?? "world"}`),
 * });
 * if (import.meta.main) await main(greet);
 * ```
 */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command;
}

/** Runs `command` with the arguments of this process and leaves with its exit status. */
export async function main<O extends Options>(command: Command<O>): Promise<never> {
  if (command.interrupt !== "signal") Deno.exit(await runCommand(command, Deno.args));
  using interrupts = listenForInterrupts();
  const { signal } = interrupts;
  const status = await runCommand(command, Deno.args, { signal });
  Deno.exit(signal.reason instanceof Interrupted ? signal.reason.status : status);
}

/** Runs `command` and returns its exit status: 0, 1 for a failure, 2 for the user's mistakes. */
export async function runCommand<O extends Options>(
  command: Command<O>,
  args: readonly string[],
  { output = terminal, signal = new AbortController().signal }: {
    output?: CommandOutput;
    signal?: AbortSignal;
  } = {},
): Promise<number> {
  try {
    if (args.includes("--help") || args.includes("-h")) {
      output.out(helpText(command));
      return 0;
    }
    const { json, positionals, options } = readArguments(command, args);
    const status = await command.run({
      options,
      positionals,
      json,
      signal,
      say: json ? output.err : output.out,
      progress: output.err,
      emit: (value) => json && output.out(JSON.stringify(value)),
    });
    return status ?? 0;
  } catch (error) {
    if (signal.aborted) return 130;
    if (error instanceof UserError) {
      output.err(`error: ${error.message}`);
      return 2;
    }
    if (error instanceof Deno.errors.NotCapable) {
      output.err(`error: ${error.message}. Or start it as deno task ${command.name}`);
      return 2;
    }
    output.err(error instanceof Error ? error.stack ?? error.message : String(error));
    return 1;
  }
}

/** The text that `--help` prints. */
export function helpText<O extends Options>(command: Command<O>): string {
  const rows = Object.entries<Option>(command.options ?? {}).map(([name, option]) => [
    option.type === "flag" ? `--${name}` : `--${name} ${option.value}`,
    option.summary + (option.type === "list" ? " (may be repeated)" : ""),
  ]);
  rows.push(["--json", "machine-readable results on standard output"], ["--help", "this text"]);
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  const usage = ["deno task", command.name, ...command.positionals ?? [], "[options]"].join(" ");
  return [
    command.summary,
    `\nUsage: ${usage}\n`,
    ...rows.map(([left = "", right]) => `  ${left.padEnd(width)}  ${right}`),
    `\nExample: ${command.example}`,
  ].join("\n");
}

function readArguments<O extends Options>(command: Command<O>, args: readonly string[]) {
  const declared = Object.entries<Option>(command.options ?? {});
  const named = (...types: Option["type"][]) =>
    declared.filter(([, option]) => types.includes(option.type)).map(([name]) => name);
  const parsed = parseArgs([...args], {
    boolean: ["json", ...named("flag")],
    string: ["_", ...named("text", "number", "list")],
    collect: named("list"),
    unknown: (arg: string, key?: string) => {
      if (key === undefined) return true;
      const known = [...declared.map(([name]) => `--${name}`), "--json", "--help"].join(", ");
      throw mistake(command, `Found the unknown option ${arg}, expected one of ${known}`);
    },
  });
  const values: Record<string, unknown> = {};
  for (const [name, option] of declared) {
    const given: unknown = parsed[name];
    values[name] = given;
    if (option.type === "flag" || given === undefined) continue;
    if ([given].flat().some((one) => one === "")) {
      throw mistake(command, `Found --${name} without a value, expected --${name} ${option.value}`);
    }
    if (option.type === "number") values[name] = Number(given);
    if (Number.isNaN(values[name])) {
      throw mistake(command, `Found --${name} ${given}, expected a number`);
    }
  }
  const positionals = parsed._.map(String);
  checkPositionals(command, positionals);
  return { json: parsed.json === true, positionals, options: values as OptionValues<O> };
}

function checkPositionals<O extends Options>(command: Command<O>, given: readonly string[]): void {
  const expected = command.positionals ?? [];
  const missing = expected.filter((name) => !name.startsWith("[")).slice(given.length);
  if (missing.length > 0) {
    const found = given.length === 0 ? "nothing" : given.join(" ");
    throw mistake(command, `Found ${found}, expected ${expected.join(" ")}`);
  }
  const many = expected.some((name) => name.includes("..."));
  if (!many && given.length > expected.length) {
    const surplus = given.slice(expected.length).join(" ");
    const wanted = expected.length === 0 ? "no argument" : `only ${expected.join(" ")}`;
    throw mistake(command, `Found the surplus argument ${surplus}, expected ${wanted}`);
  }
}

function mistake<O extends Options>(command: Command<O>, message: string): UserError {
  return new UserError(`${message}. See deno task ${command.name} --help`);
}
