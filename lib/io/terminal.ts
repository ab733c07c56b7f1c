/** Progress on a terminal: lines that are drawn over, bars, and plain lines where there is no terminal. */

/** Where progress is written. */
export interface TerminalOutput {
  /** Writes text without adding a newline. */
  write(text: string): void;
  /** Whether a line can be drawn over. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters. */
  columns(): number;
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
  columns() {
    try {
      // A terminal that does not know its size says 0.
      return Deno.consoleSize().columns || 100;
    } catch {
      return 100;
    }
  },
};

/** One line of a terminal that is drawn again and again in the same place. */
export interface LiveLine {
  /** Whether a line stands there that {@linkcode clear} would remove. */
  readonly shown: boolean;
  /** Draws over the former text. */
  draw(text: string): void;
  /** Removes the line, so that other text may take its place. */
  clear(): void;
  /** Leaves the line as it is and goes to the next one. */
  end(): void;
}

/** A live line of a terminal, not shown yet. */
export function liveLine(output: Pick<TerminalOutput, "write">): LiveLine {
  const toStart = "\r\x1b[K";
  let shown = false;
  return {
    get shown() {
      return shown;
    },
    draw(text) {
      output.write(toStart + text);
      shown = true;
    },
    clear() {
      if (shown) output.write(toStart);
      shown = false;
    },
    end() {
      if (shown) output.write("\n");
      shown = false;
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
  const line = liveLine(output);
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
