/**
 * Highest resident memory of this process in bytes, which Linux records; 0 elsewhere. (`getrusage`
 * would include the parent before a child's program began.)
 */
export function highWaterMark(): number {
  try {
    const [, kilobytes = "0"] = /VmHWM:\s*(\d+) kB/.exec(
      Deno.readTextFileSync("/proc/self/status"),
    ) ?? [];
    return 1024 * Number(kilobytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
