/** Progress of something long, told in steps: `done` of `total` bytes. */
export interface ProgressEvent {
  /** What is being done, for people: "Downloading tensorflow-cpu 2.21.0". */
  readonly stage: string;
  /** Bytes so far. */
  readonly done: number;
  /** 0 where there is nothing to count, only something to say. */
  readonly total: number;
}

/**
 * Draws progress on standard error: one line that is redrawn in a terminal, a line per quarter
 * elsewhere, so that logs stay short.
 */
export function progressBar(
  write: (text: string) => void = (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
  isTerminal: boolean = Deno.stderr.isTerminal(),
): (event: ProgressEvent) => void {
  let stage = "";
  let shown = -1;
  return (event) => {
    const share = Math.min(1, event.done / Math.max(1, event.total));
    const step = Math.floor(share * (isTerminal ? 200 : 4));
    if (event.stage === stage && step === shown) return;
    stage = event.stage;
    shown = step;
    if (event.total === 0) return write(`${stage}\n`);
    const size = `${megabytes(event.done)} of ${megabytes(event.total)}`;
    const percent = `${Math.floor(share * 100)}%`.padStart(4);
    if (!isTerminal) return write(`${stage} ${percent} (${size})\n`);
    const filled = Math.round(share * 24);
    const bar = "█".repeat(filled) + "░".repeat(24 - filled);
    write(`\r\x1b[K${stage} ${bar} ${percent} (${size})${share === 1 ? "\n" : ""}`);
  };
}

/** A number of bytes for people, in decimal megabytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
