/** Where results are kept beside the code, and under what circumstances. */
import { fileURLToPath } from "node:url";

/** `data/results` of the checkout. */
export function resultsFolder(): string {
  return fileURLToPath(new URL("../../../data/results", import.meta.url));
}

/** Cores and platform, in words. */
export function machine(): string {
  return `${navigator.hardwareConcurrency} cores (${Deno.build.arch} ${Deno.build.os})`;
}

/** ISO date. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
