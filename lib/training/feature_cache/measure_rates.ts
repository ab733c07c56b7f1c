/** How fast a feature cache is read and written on this machine, beside its plain file. */
import type { RandomStream } from "../../tensors/random.ts";
import { featureCacheBytes, openFeatureCache } from "./file.ts";

/** A cache that is filled with made-up features. */
export interface RateSetting {
  /** Records that are written and read. */
  readonly records: number;
  /** Numbers of a record. */
  readonly width: number;
  /** Records that are read at once. */
  readonly batch: number;
}

/** Outcome of {@linkcode measureCacheRates}; of reading an entry for each repetition. */
export interface CacheRates {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Seconds of writing as many bytes plainly, until they are on the disk. */
  readonly diskSeconds: number;
  /** Seconds of reading all records in random order, checksums verified. */
  readonly recordSeconds: readonly number[];
  /** Seconds of reading the whole file in order. */
  readonly plainSeconds: readonly number[];
}

/**
 * Fills a cache and reads it again. What was just written is read from memory, as kept features are that fit there.
 *
 * @param folder holds the file and a copy of it, which stay
 * @param random draws the features and the order
 */
export function measureCacheRates(
  folder: string,
  { records, width, batch }: RateSetting,
  { repeats, random, now }: {
    readonly repeats: number;
    readonly random: RandomStream;
    /** A clock in milliseconds. */
    readonly now: () => number;
  },
): CacheRates {
  const options = { folder, key: "rates", views: 1, images: records, width };
  using cache = openFeatureCache(options);
  const features = Float32Array.from(random.uniform(batch * width));
  const rows = Array.from({ length: batch }, (_, i) => i);
  const into = new Float32Array(batch * width);
  const chunks = (order: readonly number[]) =>
    Array.from(
      { length: Math.floor(records / batch) },
      (_, i) => order.slice(i * batch, (i + 1) * batch),
    );
  const time = (work: () => void) => {
    const begun = now();
    work();
    return (now() - begun) / 1000;
  };
  const ordered = Array.from({ length: records }, (_, i) => i);
  for (const chunk of chunks(ordered)) cache.write(0, chunk, features, rows, into);
  const diskSeconds = time(() => copyPlainly(cache.path, `${cache.path}.copy`));
  const keys = random.at("order").uniform(records);
  const shuffled = chunks(ordered.toSorted((a, b) => keys[a]! - keys[b]!));
  const plainSeconds: number[] = [], recordSeconds: number[] = [];
  for (let round = 0; round < repeats; round++) {
    plainSeconds.push(time(() => readPlainly(cache.path)));
    recordSeconds.push(time(() => {
      for (const chunk of shuffled) {
        if (cache.read(0, chunk).missing.length > 0) throw new Error("A record is missing");
      }
    }));
  }
  return { bytes: featureCacheBytes(options), diskSeconds, recordSeconds, plainSeconds };
}

function readPlainly(path: string): void {
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(1 << 20);
  while (file.readSync(buffer) !== null);
}

function copyPlainly(path: string, copy: string): void {
  using from = Deno.openSync(path);
  using to = Deno.openSync(copy, { write: true, create: true, truncate: true });
  const buffer = new Uint8Array(1 << 20);
  for (let read = from.readSync(buffer); read !== null; read = from.readSync(buffer)) {
    for (let at = 0; at < read;) at += to.writeSync(buffer.subarray(at, read));
  }
  to.syncDataSync();
}
