/** What is said of teachers that stop to count. */

/** A line for whoever watches the run. */
export function stoppingLine(teacher: string, step: number): string {
  return `teacher ${teacher} counts no more after step ${
    step.toLocaleString("en-US")
  }: its loss on ` +
    "held-out images no longer falls; the others share its weight";
}
