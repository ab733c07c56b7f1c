/**
 * Runs a command: `--help` with an example, `--json` (machine-readable results on standard output,
 * everything for people on standard error), exit status 2 for the user's mistakes, 130 or 143 for an
 * interrupt.
 *
 * @module
 */
import { Interrupted, listenForInterrupts } from "../process/interrupts.ts";
import { readArguments } from "./arguments.ts";
import type { Command, CommandOutput, Options } from "./command.ts";
import { explainFailure, type FailedCommand } from "./error_text.ts";
import { helpText } from "./help_text.ts";
import { programName } from "./program.ts";

/** Standard output and standard error. */
export const terminal: CommandOutput = {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
};

/**
 * Runs `command`, which an interrupt stops as it declares, and returns its exit status. The first
 * interrupt is answered at once, since a step may take long to end.
 */
export async function runInterruptibly<O extends Options>(
  command: Command<O>,
  args: readonly string[],
  output: CommandOutput = terminal,
): Promise<number> {
  if (command.interrupt !== "signal") return await runCommand(command, args, { output });
  using interrupts = listenForInterrupts();
  const { signal } = interrupts;
  signal.addEventListener(
    "abort",
    () => output.err("stopping after the step in progress; another interrupt ends it at once"),
  );
  const status = await runCommand(command, args, { output, signal });
  return signal.reason instanceof Interrupted ? signal.reason.status : status;
}

/** Runs `command` and returns its exit status: 0, 1 for a failure, 2 for the user's mistakes. */
export async function runCommand<O extends Options>(
  command: Command<O>,
  args: readonly string[],
  { output = terminal, signal = new AbortController().signal, program = programName() }: {
    readonly output?: CommandOutput;
    readonly signal?: AbortSignal;
    /** Precedes the command's name in help and messages. */
    readonly program?: string;
  } = {},
): Promise<number> {
  try {
    if (args.includes("--help") || args.includes("-h")) {
      output.out(helpText(command, program));
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
    return reportError(error, { name: command.name, args, program }, output);
  }
}

/** Prints the error of a command, with a stack where it is a defect, and returns the exit status. */
export function reportError(
  error: unknown,
  command: FailedCommand,
  output: CommandOutput = terminal,
): 1 | 2 {
  const { text, status } = explainFailure(error, command);
  output.err(text);
  return status;
}
