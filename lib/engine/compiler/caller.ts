/** `path:line` of the code that called into the engine: the nearest frame outside it and tfjs. */
export function callerLine(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 200; // tfjs puts dozens of its own frames in between
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  for (const line of stack.split("\n").slice(1)) {
    const place = /(?:\(|at )((?:file:|https?:|\/).*?:\d+)(?::\d+)?\)?$/.exec(line)?.[1];
    if (place !== undefined && !isInside(place)) return place.replace(/^file:\/\//, "");
  }
  return "an unknown line";
}

const engineFolder = new URL("../", import.meta.url).href;

function isInside(place: string): boolean {
  return place.startsWith(engineFolder) || place.includes("/node_modules/") ||
    place.includes("/@tensorflow/tfjs");
}
