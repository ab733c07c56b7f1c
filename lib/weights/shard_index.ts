/**
 * Reads the index of weights that are divided into several files, as Hugging Face writes it:
 * `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import type { ByteSource } from "./byte_source.ts";
import { quote, type Refuse } from "./refuse_reading.ts";
import { parseStrictJson } from "./strict_json.ts";

/** Longest index, and most files: a network of 25,000 tensors needs 3 MB. */
const longestIndex = 2 ** 24, mostFiles = 1000;

const schema = z.looseObject({ weight_map: z.record(z.string(), z.string().min(1).max(255)) });

/** The file that holds each tensor. */
export type ShardIndex = ReadonlyMap<string, string>;

/**
 * Reads an index; undefined where the source is none.
 *
 * @throws {UserError} From `refuse`, where it names files of other folders, or too many.
 */
export function readShardIndex(source: ByteSource, refuse: Refuse): ShardIndex | undefined {
  if (source.size < 2 || source.size > longestIndex) return undefined;
  const first = new Uint8Array(1);
  source.read(0, first);
  if (first[0] !== 0x7b) return undefined;
  const bytes = new Uint8Array(source.size);
  source.read(0, bytes);
  const parsed = schema.safeParse(parsedJson(bytes));
  if (!parsed.success) return undefined;
  const index = new Map(Object.entries(parsed.data.weight_map));
  const files = new Set(index.values());
  for (const file of files) {
    if (/[/\\\0]|^\.\.?$/.test(file)) {
      refuse(`the file ${quote(file)} in its index, expected names without folders`);
    }
  }
  if (files.size === 0 || files.size > mostFiles) {
    refuse(`${files.size} files in its index, expected 1 to ${mostFiles}`);
  }
  return index;
}

/** The path of a file of an index. */
export function shardPath(index: string, file: string): string {
  return join(dirname(index), file);
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
