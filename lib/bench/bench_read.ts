/**
 * Measures how fast a checkpoint of PyTorch is read, and in how much memory. A file is made in a
 * temporary folder, and another process reads its tensors one at a time, each released before the
 * next. Only that process is measured.
 */
import { fileURLToPath } from "node:url";
import { append } from "../io/positioned_file.ts";
import { openCheckpoint } from "../weights/checkpoint_file.ts";
import { torchCheckpointPieces, type TorchTree } from "../weights/torch/torch_writer.ts";
import { highWaterMark, measureInProcess } from "./measured_process.ts";

/** Outcome of {@linkcode benchRead}. Bytes are those of the tensors; the rest of the file is small. */
export interface ReadBench {
  readonly tensors: number;
  readonly bytes: number;
  readonly largestBytes: number;
  readonly seconds: number;
  readonly gigabytesPerSecond: number;
  /** Resident memory of the process before it opened the file. */
  readonly restBytes: number;
  /** Highest resident memory of the process. */
  readonly peakBytes: number;
  /** Most memory that reading added, the current tensor included, per byte of the largest tensor. */
  readonly peakOverLargest: number;
}

/** Sides of the square matrices, of which the first is the largest. */
export interface ReadBenchSetting {
  readonly sides: readonly number[];
}

/** 1.2 GB: one matrix of 268 MB, and 224 of 4.2 MB as in a ViT-L. */
export const largeFile: ReadBenchSetting = { sides: [8192, ...Array(224).fill(1024)] };

/** Makes the file, reads it in another process, and removes it. */
export async function benchRead(
  { sides }: ReadBenchSetting,
  onProgress: (line: string) => void = () => {},
): Promise<ReadBench> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo_bench_read" });
  try {
    const path = `${folder}/checkpoint.pth`;
    onProgress("making the file");
    await makeFile(path, sides);
    onProgress("reading it");
    return await measureInProcess(fileURLToPath(import.meta.url), path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All tensors are views of the largest one, so that making the file needs little memory. */
async function makeFile(path: string, sides: readonly number[]): Promise<void> {
  const numbers = Float32Array.from({ length: Math.max(...sides) ** 2 }, (_, i) => i % 1000);
  const state: Record<string, TorchTree[string]> = {};
  sides.forEach((side, i) => {
    state[`blocks.${i}.weight`] = { shape: [side, side], data: numbers.subarray(0, side ** 2) };
  });
  using file = await Deno.open(path, { write: true, create: true });
  for (const piece of torchCheckpointPieces({ epoch: 1, state_dict: state })) {
    await append(file, piece);
  }
}

/** Reads all tensors; the child process runs this. */
async function readAll(path: string): Promise<ReadBench> {
  const restBytes = Deno.memoryUsage().rss;
  const begun = performance.now();
  let bytes = 0, largestBytes = 0, peakBytes = 0;
  using file = await openCheckpoint(path);
  for (const name of file.tensors.keys()) {
    const { buffer, byteLength } = file.read(name);
    bytes += byteLength;
    largestBytes = Math.max(largestBytes, byteLength);
    peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss);
    // Releases the memory now, not at the next garbage collection.
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
  const seconds = (performance.now() - begun) / 1000;
  peakBytes = Math.max(peakBytes, highWaterMark());
  return {
    ...{ tensors: file.tensors.size, bytes, largestBytes, seconds, restBytes, peakBytes },
    gigabytesPerSecond: bytes / 1e9 / seconds,
    peakOverLargest: (peakBytes - restBytes) / largestBytes,
  };
}

/** The result for people. */
export function readTable(result: ReadBench): string[] {
  const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  return [
    `A checkpoint of ${mega(result.bytes)}, ${result.tensors} tensors, the largest of ` +
    mega(result.largestBytes),
    `  read in ${result.seconds.toFixed(2)} s, ${result.gigabytesPerSecond.toFixed(2)} GB/s`,
    `  resident memory: ${mega(result.restBytes)} before, ${mega(result.peakBytes)} at the peak; ` +
    `${result.peakOverLargest.toFixed(2)} times the largest tensor was added`,
  ];
}

if (import.meta.main) console.log(JSON.stringify(await readAll(Deno.args[0] ?? "")));
