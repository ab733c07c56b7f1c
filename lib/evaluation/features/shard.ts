/** Features of a part of the images, and the file of all parts. */
import { assertSpace } from "../../io/disk_space.ts";
import { writeStreamAtomic } from "../../io/atomic_file.ts";
import { whileLocked } from "../../io/file_lock.ts";
import { append } from "../../io/positioned_file.ts";
import { blockOfShard, type Shard } from "../../io/shard.ts";
import { UserError } from "../../errors/user_error.ts";
import { type ByteSource, fileSource } from "../../weights/byte_source.ts";
import { refuseReading } from "../../weights/refuse_reading.ts";
import { featureFileLayout, type FeatureTable } from "../../weights/safetensors/feature_file.ts";
import { readSafetensorsHeader } from "../../weights/safetensors/safetensors_header.ts";
import { dirname } from "node:path";

/**
 * The items of a part: whole batches, so that each stands in the batch that it would stand in without parts.
 *
 * @throws {UserError} where there are fewer batches than parts
 *
 * @example
 * ```ts
 * import { itemsOfShard } from "./shard.ts";
 * const items = itemsOfShard([0, 1, 2, 3, 4], { part: 2, of: 2 }, 2);
 * if (items.join() !== "2,3,4") throw new Error("Expected the last two of three batches");
 * ```
 */
export function itemsOfShard<T>(
  items: readonly T[],
  shard: Shard,
  batchSize: number,
): readonly T[] {
  const batches = Math.ceil(items.length / batchSize);
  if (batches < shard.of) {
    throw new UserError(
      `Cannot part ${items.length} images into ${shard.of}: they are ${batches} batches of ${batchSize}, expected ` +
        "one for each part at least. Choose fewer parts or a smaller --batch",
    );
  }
  const { from, to } = blockOfShard(batches, shard);
  return items.slice(from * batchSize, to * batchSize);
}

/** Where the features of a part are kept until all are there. */
export function shardPath(out: string, { part, of }: Shard): string {
  return `${out.replace(/\.safetensors$/, "")}.part-${part}-of-${of}.safetensors`;
}

/**
 * Makes the file of all parts as soon as the last of them is there, of the same bytes as without parts, and removes
 * them; whichever process finds them whole does it, once.
 *
 * @returns whether the whole file is there
 * @throws {UserError} where the parts are not of the same network and images
 */
export async function mergeShards(out: string, of: number): Promise<boolean> {
  const paths = Array.from({ length: of }, (_, i) => shardPath(out, { part: i + 1, of }));
  return await whileLocked(out, async () => {
    for (const path of paths) if (!await isFile(path)) return await isFile(out);
    await merge(paths, out);
    for (const path of paths) await Deno.remove(path);
    return true;
  });
}

async function merge(paths: readonly string[], out: string): Promise<void> {
  using stack = new DisposableStack();
  const parts: Part[] = [];
  for (const path of paths) {
    const source = stack.use(await fileSource(path));
    parts.push({ source, ...readSafetensorsHeader(source, refuseReading(source.name)) });
  }
  const [first] = parts as [Part];
  for (const part of parts) refuseOther(part, first);
  const names = parts.flatMap(namesOf);
  const tables = [...first.entries].map(([name, { shape: [, ...row] }]): FeatureTable => (
    { name, shape: [names.length, ...row] }
  ));
  const layout = featureFileLayout(tables, { ...first.metadata, images: JSON.stringify(names) });
  await assertSpace(layout.bytes, dirname(out));
  await writeStreamAtomic(out, async (file) => {
    await append(file, layout.head);
    const inOrder = [...layout.places].sort(([, a], [, b]) => a.start - b.start);
    for (const [name] of inOrder) {
      for (const { source, entries } of parts) {
        const { from, to } = entries.get(name)!;
        await copy(source, from, to, file);
      }
    }
  });
}

interface Part extends ReturnType<typeof readSafetensorsHeader> {
  readonly source: ByteSource;
}

/** Refuses a part whose network, images or shapes are others than the first one's. */
function refuseOther(part: Part, first: Part): void {
  const textsOf = ({ metadata: { images: _, ...texts } }: Part) => texts;
  const shapesOf = ({ entries }: Part) =>
    [...entries].map(([name, { dtype, shape: [, ...row] }]) => [name, dtype, row]);
  const counted = [...part.entries.values()].every(({ shape }) =>
    shape[0] === namesOf(part).length
  );
  const same = JSON.stringify([textsOf(part), shapesOf(part)]) ===
    JSON.stringify([textsOf(first), shapesOf(first)]);
  if (counted && same) return;
  throw new UserError(
    `Cannot merge ${part.source.name} with ${first.source.name}: found features of another network or ` +
      "other images, expected parts of the same. Remove the one that is left from before, and run its part again",
  );
}

function namesOf({ metadata, source }: Part): string[] {
  try {
    const names: unknown = JSON.parse(metadata.images ?? "");
    if (Array.isArray(names)) return names.map(String);
  } catch {
    // Said below.
  }
  throw new UserError(
    `Cannot merge ${source.name}: it names no images, expected a part that features wrote. Run its part again`,
  );
}

async function copy(
  source: ByteSource,
  from: number,
  to: number,
  file: Deno.FsFile,
): Promise<void> {
  const piece = new Uint8Array(1 << 20);
  for (let at = from; at < to; at += piece.length) {
    const bytes = piece.subarray(0, Math.min(piece.length, to - at));
    source.read(at, bytes);
    await append(file, bytes);
  }
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
