/** `doctor --processes N`: whether several processes find each other, agree and how fast they sum. */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs";
import { hostname } from "node:os";
import { z } from "zod";
import { coresText } from "../../engine/install/processor.ts";
import { examineGroup } from "../../engine/collectives/examine_group.ts";
import type { GroupPlace } from "../../engine/collectives/group_place.ts";
import { joinGroup } from "../../engine/collectives/process_group.ts";
import { startEngine } from "../../engine/backend.ts";
import { codeDigest } from "../../training/processes/facts.ts";
import { version } from "../program.ts";
import { leadFrom } from "./group.ts";

/** What every process says of itself. */
const factsSchema = z.object({
  host: z.string().max(300),
  process: z.int(),
  cores: z.int(),
  /** Of the package's code. */
  code: z.string().max(300),
  /** Package and library. */
  versions: z.string().max(300),
  /** SHA-256 of a product of matrices: whether processes compute the same bits. */
  product: z.string().max(300),
});

/** What one process says of itself. */
export type RankFacts = z.infer<typeof factsSchema>;

/** Findings about a group, with the facts of each rank. */
export interface ProcessesReport {
  readonly processes: number;
  readonly sumMilliseconds: number;
  readonly megabytes: number;
  readonly ranks:
    readonly (RankFacts & { readonly rank: number; readonly clockMilliseconds: number })[];
  /** Whether all have the same code and versions, and compute the same bits. */
  readonly agree: boolean;
}

/** Numbers of the sum that is measured: 16 MB. */
const numbers = 4_000_000;
const repeats = 5;

/** Examines the group from its leader, which starts the others where nothing else does. */
export async function examineProcesses(
  place: GroupPlace,
  onNote: (line: string) => void,
): Promise<ProcessesReport> {
  const facts = new Map<number, RankFacts>();
  const own = await factsHere();
  facts.set(0, own);
  await using lead = await leadFrom(place, {
    args: ["doctor", "--processes", String(place.size)],
    onNote,
    // All facts are shown, so none is refused here.
    differences(theirs, _, rank) {
      const { success, data } = factsSchema.safeParse(theirs);
      if (!success) return ["facts: none that can be read -> some"];
      facts.set(rank, data);
      return [];
    },
  });
  await lead.group.start(own);
  const { sumMilliseconds, bytes, clocks } = await examineGroup(lead.group, { numbers, repeats });
  const ranks = [...facts].sort(([a], [b]) => a - b).map(([rank, facts]) => (
    { rank, ...facts, clockMilliseconds: clocks[rank]! }
  ));
  const agree = ranks.every(({ code, versions, product }) =>
    code === own.code && versions === own.versions && product === own.product
  );
  return { processes: place.size, sumMilliseconds, megabytes: bytes / 1e6, ranks, agree };
}

/** Takes part in the examination of another process. */
export async function takePartInExamination(place: GroupPlace): Promise<void> {
  const group = await joinGroup(place, { differences: () => [] });
  await group.start(await factsHere());
  await examineGroup(group, { numbers, repeats });
  await group.untilEnd();
}

/** The report for people. */
export function processesLines(report: ProcessesReport): string[] {
  const { processes, sumMilliseconds, megabytes, ranks, agree } = report;
  const rate = megabytes / sumMilliseconds;
  return [
    `${agree ? "✓" : "✗"} ${processes} processes, a sum of ${megabytes.toFixed(0)} MB takes ` +
    `${sumMilliseconds.toFixed(0)} ms, ${rate.toFixed(2)} GB/s`,
    ...ranks.map(({ rank, host, process, cores, clockMilliseconds, code, versions, product }) =>
      `  rank ${rank}  ${host}, process ${process}, ${coresText(cores)}, ${versions}, clock ` +
      `${clockMilliseconds >= 0 ? "+" : ""}${clockMilliseconds.toFixed(0)} ms, code ${
        code.slice(0, 12)
      }, ` +
      `product ${product.slice(0, 12)}`
    ),
    ...agree ? [] : [
      "  → Ranks that differ in code or versions are refused by a run; those that differ in the product\n" +
      "    compute other bits, so use one kind of processor",
    ],
  ];
}

async function factsHere(): Promise<RankFacts> {
  const { backend, version: library } = await startEngine();
  const product = tf.tidy(() => {
    const a = tf.randomNormal([256, 256], 0, 1, "float32", 1);
    return tf.matMul(a, a, false, true);
  });
  const bytes = await product.data();
  product.dispose();
  return {
    host: hostname(),
    process: Deno.pid,
    cores: navigator.hardwareConcurrency,
    code: await codeDigest(),
    versions: `hashigo ${version}, ${backend} ${library}`,
    product: createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex"),
  };
}
