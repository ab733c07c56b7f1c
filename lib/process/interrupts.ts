/** Interrupts as an `AbortSignal`, so that work can end at a point of its choice. */
import { kernelHere } from "./jupyter_kernel.ts";

/** Signals that ask a process to stop, with the exit status that shells expect of it. */
export const interrupts: readonly {
  readonly name: "SIGINT" | "SIGTERM";
  readonly status: number;
}[] = Deno.build.os === "windows"
  ? [{ name: "SIGINT", status: 130 }]
  : [{ name: "SIGINT", status: 130 }, { name: "SIGTERM", status: 143 }];

/** An interrupt, as the reason of an aborted signal. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(
    /** Exit status that shells expect. */
    readonly status: number,
  ) {
    super("Interrupted");
  }
}

/** Interrupts of this process, until it is disposed of. */
export interface InterruptListener {
  /** Aborted by the first interrupt, with {@linkcode Interrupted} as its reason. */
  readonly signal: AbortSignal;
  [Symbol.dispose](): void;
}

let kernelIsKept = false;

/** Deno's Jupyter kernel would end with the next interrupt after its last run stopped listening. */
function keepKernel(): void {
  if (kernelIsKept || Deno.build.os === "windows" || kernelHere() === undefined) return;
  kernelIsKept = true;
  Deno.addSignalListener("SIGINT", () => {});
}

/**
 * Listens for SIGINT (Ctrl-C, a notebook's interrupt) and SIGTERM. Only the first one is caught: a
 * second one ends the process at once, as if nobody listened, unless the process is a notebook's
 * kernel.
 */
export function listenForInterrupts(): InterruptListener {
  keepKernel();
  const controller = new AbortController();
  const listeners = interrupts.map(({ name, status }) => ({
    name,
    listener: () => {
      stop();
      controller.abort(new Interrupted(status));
    },
  }));
  let listening = true;
  const stop = () => {
    if (!listening) return;
    listening = false;
    for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
  };
  for (const { name, listener } of listeners) Deno.addSignalListener(name, listener);
  return { signal: controller.signal, [Symbol.dispose]: stop };
}
