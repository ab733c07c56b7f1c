/** What compressed forms of a student are worth and cost, as the file `curve.json`. */
import { z } from "zod";
import { jsonArtifact } from "../io/json_artifact.ts";
import { paretoFront } from "../metrics/costs/pareto.ts";

const pointSchema = z.object({
  /** Folder of the exported file, such as `pruned_0.5`. */
  name: z.string(),
  /** Share that was pruned; 0 of the student itself. */
  share: z.number().min(0).max(1),
  /** Bits of a weight. */
  bits: z.union([z.literal(32), z.literal(16), z.literal(8)]),
  /** Whether it was distilled again after it was pruned. */
  recovered: z.boolean(),
  /** The exported file, relative to `curve.json`. */
  path: z.string(),
  bytes: z.number(),
  parameters: z.number(),
  /** Operations for one image, in units of 1e9. */
  gflop: z.number(),
  /** For one image, on one thread of ONNX Runtime on a processor: a tenth of the calls take no longer. */
  milliseconds: z.number(),
  /** By how much the file differs from the network that it is of: see `exportOnnx`. */
  difference: z.number(),
  /** Mean k-NN accuracy of the file's features over the tasks, in percent. */
  accuracy: z.number(),
  tasks: z.array(z.object({ task: z.string(), accuracy: z.number() })).readonly(),
});

const schema = z.object({
  /** Name of the student. */
  student: z.string(),
  /** Its SHA-256. */
  digest: z.string(),
  points: z.array(pointSchema).readonly(),
  /** Files and runs that could not be made, each with the reason; default none. */
  refused: z.array(z.string()).readonly().exactOptional(),
  /** Images of each part of a task at most, where not all were taken. */
  limit: z.number().exactOptional(),
  /** Minutes of distilling after pruning, where there was any. */
  recover: z.number().exactOptional(),
  /** Processor and number of cores. */
  machine: z.string(),
  date: z.string(),
}).readonly();

/** One exported file. */
export type CompressionPoint = z.infer<typeof pointSchema>;

/** All exported files of a student. */
export type CompressionCurve = z.infer<typeof schema>;

const artifact = jsonArtifact({
  noun: "a curve of compression",
  schema,
  advice: "Remove the file, and make it anew with deno task compress",
});

/** Where the curve of a folder lies. */
export function curvePath(folder: string): string {
  return `${folder}/curve.json`;
}

/** Writes `curve.json` of a folder. */
export async function writeCurve(folder: string, curve: CompressionCurve): Promise<void> {
  await artifact.write(curvePath(folder), curve);
}

/** Reads `curve.json` of a folder; undefined where there is none. */
export async function readCurve(folder: string): Promise<CompressionCurve | undefined> {
  return await artifact.read(curvePath(folder));
}

/** Which costs a point lies on the Pareto front of. */
export interface Fronts {
  readonly milliseconds: boolean;
  readonly bytes: boolean;
}

/** For each point whether no other is as accurate in less time, or with fewer bytes. */
export function frontsOf(points: readonly CompressionPoint[]): Fronts[] {
  const of = (cost: "milliseconds" | "bytes") =>
    paretoFront(points.map((point) => ({ cost: point[cost], value: point.accuracy })));
  const [milliseconds, bytes] = [of("milliseconds"), of("bytes")];
  return points.map((_, i) => ({ milliseconds: milliseconds[i]!, bytes: bytes[i]! }));
}
