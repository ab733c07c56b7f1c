/** Where the numbers of a record come from. */

/** How recorded numbers were measured, and how to measure them again. */
export interface Provenance {
  /** The command that measures them again. */
  readonly command: string;
  /** ISO date. */
  readonly date: string;
  /** Processor and cores, in words; left out where the record names them already. */
  readonly machine?: string | undefined;
}

/** "`deno task demo`, 2026-11-26, 2 cores (x86_64 linux)", in Markdown and without a full stop. */
export function provenanceText({ command, date, machine }: Provenance): string {
  return [`\`${command}\``, date, ...machine === undefined ? [] : [machine]].join(", ");
}
