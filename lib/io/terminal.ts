/** Progress on a terminal: lines that are drawn over, bars, and plain lines where there is no terminal. */

/** Where progress is written. */
export interface TerminalOutput {
  /** Writes text without adding a newline. */
  write(text: string): void;
  /** Whether a line can be drawn over. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters. */
  columns(): number;
  /** Height of the terminal in lines. Default: 24. */
  rows?(): number;
}

/** Standard error of this process. */
export const standardError: TerminalOutput = {
  write(text) {
    try {
      Deno.stderr.writeSync(new TextEncoder().encode(text));
    } catch (error) {
      // Whoever read it, as `| head`, has gone: no reason to give up hours of work.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  },
  isTerminal: Deno.stderr.isTerminal(),
  columns: () => consoleSize()?.columns || 100,
  rows: () => consoleSize()?.rows || 24,
};

/** A terminal that does not know its size says 0. */
function consoleSize(): { readonly columns: number; readonly rows: number } | undefined {
  try {
    return Deno.consoleSize();
  } catch {
    return undefined;
  }
}

/** One or more lines of a terminal that are drawn again and again in the same place. */
export interface LiveLines {
  /** Whether lines stand there that {@linkcode clear} would remove. */
  readonly shown: boolean;
  /** Draws over the former text; each of its lines must fit into the terminal's width. */
  draw(text: string): void;
  /** Removes the lines, so that other text may take their place. */
  clear(): void;
  /** Leaves the lines as they are and goes to the next one. */
  end(): void;
}

/** Live lines of a terminal, not shown yet. */
export function liveLines(output: Pick<TerminalOutput, "write">): LiveLines {
  let height = 0;
  // To the first of the lines, and from there on nothing.
  const toStart = () => height > 1 ? `\r\x1b[${height - 1}A\x1b[J` : "\r\x1b[K";
  return {
    get shown() {
      return height > 0;
    },
    draw(text) {
      output.write(toStart() + text);
      height = text.split("\n").length;
    },
    clear() {
      if (height > 0) output.write(toStart());
      height = 0;
    },
    end() {
      if (height > 0) output.write("\n");
      height = 0;
    },
  };
}

/** A bar of so many characters for a share from 0 to 1. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "━".repeat(full) + "─".repeat(width - full);
}

/** Progress of long work that counts bytes. */
export interface ProgressEvent {
  /** The work, for people: "Downloading tensorflow-cpu 2.21.0". */
  readonly stage: string;
  /** Bytes so far. */
  readonly done: number;
  /** Bytes in all; 0 where there is nothing to count. */
  readonly total: number;
}

/**
 * Draws progress on standard error: one line that is redrawn in a terminal, a line per quarter
 * elsewhere, so that logs stay short.
 */
export function progressBar(
  output: Pick<TerminalOutput, "write" | "isTerminal"> = standardError,
): (event: ProgressEvent) => void {
  const line = liveLines(output);
  let latest: { readonly stage: string; readonly step: number } | undefined;
  return ({ stage, done, total }) => {
    const share = Math.min(1, done / Math.max(1, total));
    const step = Math.floor(share * (output.isTerminal ? 200 : 4));
    if (stage === latest?.stage && step === latest.step) return;
    latest = { stage, step };
    if (total === 0) return output.write(`${stage}\n`);
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    const size = `(${megabytes(done)} of ${megabytes(total)})`;
    if (!output.isTerminal) return output.write(`${stage} ${percent} ${size}\n`);
    line.draw(`${stage} ${bar(share, 24)} ${percent} ${size}`);
    if (share === 1) line.end();
  };
}

/** A number of bytes for people, in decimal megabytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
