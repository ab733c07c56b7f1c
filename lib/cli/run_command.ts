/**
 * Runs a command: `--help` with an example, `--json` (machine-readable results on standard output,
 * everything for people on standard error), exit status 2 for the user's mistakes, 130 or 143 for an
 * interrupt.
 *
 * @module
 */
import { Interrupted, listenForInterrupts } from "../process/interrupts.ts";
import { type ProgressLine, progressLine } from "../io/progress_line.ts";
import { standardError } from "../io/terminal.ts";
import { readArguments } from "./arguments.ts";
import type { Command, CommandOutput, Invocation, Options } from "./command.ts";
import { explainFailure, type FailedCommand } from "./error_text.ts";
import { helpText } from "./help_text.ts";
import { programName } from "./program.ts";

/** Standard output and standard error. */
export const terminal: CommandOutput = {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  live: standardError,
};

/** Runs `command`, which an interrupt stops as it declares, and returns its exit status. */
export async function runInterruptibly<O extends Options, Checked>(
  command: Command<O, Checked>,
  args: readonly string[],
  output: CommandOutput = terminal,
): Promise<number> {
  if (command.interrupt !== "signal") return await runCommand(command, args, { output });
  using interrupts = listenForInterrupts();
  const { signal } = interrupts;
  const status = await runCommand(command, args, { output, signal });
  return signal.reason instanceof Interrupted ? signal.reason.status : status;
}

/** Runs `command` and returns its exit status: 0, 1 for a failure, 2 for the user's mistakes. */
export async function runCommand<O extends Options, Checked>(
  command: Command<O, Checked>,
  args: readonly string[],
  { output = terminal, signal = new AbortController().signal, program = programName() }: {
    readonly output?: CommandOutput;
    readonly signal?: AbortSignal;
    /** Precedes the command's name in help and messages. */
    readonly program?: string;
  } = {},
): Promise<number> {
  const line = lineOf(output);
  // Answered at once, since the work in progress may take long to end.
  signal.addEventListener(
    "abort",
    () => line.notice("stopping; another interrupt ends it at once"),
  );
  try {
    if (args.includes("--help") || args.includes("-h")) {
      output.out(helpText(command, program));
      return 0;
    }
    const { json, positionals, options } = readArguments(command, args);
    // The line that is drawn over gives way to everything else, on the same screen.
    const write = (write: (text: string) => void) => (text: string) => {
      line.clear();
      write(text);
    };
    const out = write(output.out);
    const invocation: Invocation<O> = {
      options,
      positionals,
      json,
      signal,
      say: json ? write(output.err) : out,
      progress: line.notice,
      work: line.work,
      line,
      emit: (value) => json && out(JSON.stringify(value)),
    };
    const checked = await command.check?.(invocation);
    // A command without a check has nothing to hand over.
    const status = await command.run(invocation, checked as Checked);
    line.end();
    return status ?? 0;
  } catch (error) {
    line.end();
    if (signal.aborted) return 130;
    return reportError(error, { name: command.name, args, program }, output);
  }
}

/** The progress line of an output: plain lines where nothing can be drawn over. */
function lineOf({ err, live }: CommandOutput): ProgressLine {
  const plain = {
    write: (text: string) => err(text.replace(/\n$/, "")),
    isTerminal: false,
    columns: () => 100,
  };
  return progressLine({ output: live?.isTerminal ? live : plain });
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
