/** Features of a frozen network on disk, for views of images that come back. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { mapFile } from "../../engine/ffi/mapped_file.ts";
import { allFinite, type HalfPrecision, narrow, widen } from "../../tensors/half_precision.ts";
import { RunStop } from "../run_stop.ts";
import { explainDiskError } from "../../io/disk_error.ts";
import { holdFile } from "../../io/file_lock.ts";
import { readAt, writeAt } from "../../io/positioned_file.ts";

/** Version of the file format; files of another version are left alone. */
const format = 1;
const checksumBytes = 4;

/** Which features a cache holds. */
export interface FeatureCacheOptions {
  /** Where the files lie; made where it is absent. */
  readonly folder: string;
  /**
   * Everything that the features depend on, as JSON: digests of network and images, how views are
   * drawn. Another key is another file.
   */
  readonly key: unknown;
  /** Number of different views of each image. */
  readonly views: number;
  /** Number of images. */
  readonly images: number;
  /** Numbers per view of an image. */
  readonly width: number;
  /**
   * How numbers are kept, in 16 bits either way: "float16" is eight times as exact, "bfloat16" reaches
   * beyond 65504. Another precision is another file. Default "float16".
   */
  readonly precision?: HalfPrecision | undefined;
}

/** Features by view and image, in 16 bits each. */
export interface FeatureCache extends Disposable {
  /** The file. */
  readonly path: string;
  /**
   * Features `[images, width]` of one view of these images, and the rows that are not there or do not
   * match their checksum; those hold zeros.
   */
  read(view: number, images: ArrayLike<number>): { features: Float32Array; missing: number[] };
  /**
   * Keeps the given rows of features `[images, width]` of one view of these images, and copies them
   * into `into` as they will be read: rounded, so that a run that computes them
   * equals one that finds them, bit for bit. A row that is not finite is copied as it is and not
   * kept: whoever uses it finds what was computed, and it is computed again.
   *
   * @throws {RunStop} where finite numbers are beyond this precision
   * @throws {UserError} where the disk is full
   */
  write(
    view: number,
    images: ArrayLike<number>,
    features: Float32Array,
    rows: readonly number[],
    into: Float32Array,
  ): void;
}

/**
 * Opens a cache file, or makes an empty one. It is a table of `views x images` records of a CRC-32 and
 * `width` numbers of 16 bits. A record counts as there when its checksum is right, so what a killed
 * process or a full disk left half-written is simply computed again, and several processes may
 * fill one file: they write the same. Where the system allows it the file is mapped into memory.
 *
 * @throws {UserError} where the folder cannot be written
 *
 * @example
 * ```ts
 * import { openFeatureCache } from "./file.ts";
 * const folder = await Deno.makeTempDir();
 * using cache = openFeatureCache({ folder, key: "a network", views: 1, images: 5, width: 2 });
 * const { features, missing } = cache.read(0, [3]);
 * if (missing.length !== 1) throw new Error("Nothing is there yet");
 * cache.write(0, [3], Float32Array.of(0.5, 2), missing, features);
 * if (cache.read(0, [3]).features.join() !== "0.5,2") throw new Error("Expected what was written");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function openFeatureCache(options: FeatureCacheOptions): FeatureCache {
  const { folder, views, images, width, precision = "float16" } = options;
  const path = featureCachePath(options);
  const recordBytes = checksumBytes + 2 * width;
  const bytes = views * images * recordBytes;
  const file = open(path, folder, bytes);
  holdFile(file);
  const mapped = mapFile(path, bytes);
  const place = (view: number, image: number) => {
    if (view >= 0 && view < views && image >= 0 && image < images) {
      return (view * images + image) * recordBytes;
    }
    throw new RangeError(
      `Cannot look up view ${view} of image ${image} in a cache of ${views} views of ${images} images`,
    );
  };
  const record = new Uint8Array(recordBytes);
  const checksum = new DataView(record.buffer);
  const numbers = record.subarray(checksumBytes);
  const halves = new Uint16Array(record.buffer, checksumBytes);
  return {
    path,
    read(view, chosen) {
      const features = new Float32Array(chosen.length * width);
      const missing: number[] = [];
      for (let row = 0; row < chosen.length; row++) {
        const at = place(view, chosen[row]!);
        const there = (mapped?.copy(at, record) ?? readAt(file, at, record) === recordBytes) &&
          checksum.getUint32(0, true) === crc32(numbers);
        if (there) widen(halves, precision, features.subarray(row * width, (row + 1) * width));
        else missing.push(row);
      }
      return { features, missing };
    },
    write(view, chosen, features, rows, into) {
      for (const row of rows) {
        const [begin, end] = [row * width, (row + 1) * width];
        const computed = features.subarray(begin, end);
        if (!computed.every(Number.isFinite)) {
          into.set(computed, begin);
          continue;
        }
        halves.set(narrow(computed, precision));
        if (!allFinite(halves, precision)) throw beyond(path, precision);
        checksum.setUint32(0, crc32(numbers), true);
        const at = place(view, chosen[row]!);
        try {
          writeAt(file, at, record);
        } catch (error) {
          throw explain(error, path);
        }
        widen(halves, precision, into.subarray(begin, end));
      }
    },
    [Symbol.dispose]() {
      mapped?.[Symbol.dispose]();
      file.close();
    },
  };
}

/** Where the file of a cache lies, whether there is one or not. */
export function featureCachePath(
  { folder, key, views, images, width, precision = "float16" }: FeatureCacheOptions,
): string {
  const shape = [format, views, images, width];
  const parts = [shape, key, ...(precision === "float16" ? [] : [precision])];
  const name = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return `${folder}/${name.slice(0, 32)}.features`;
}

/**
 * Bytes that a cache file takes when it is full.
 *
 * @example
 * ```ts
 * import { featureCacheBytes } from "./file.ts";
 * const bytes = featureCacheBytes({ views: 4, images: 20_000, width: 12_800 });
 * if (bytes !== 80_000 * 25_604) throw new Error("Expected 2 GB");
 * ```
 */
export function featureCacheBytes(
  { views, images, width }: Pick<FeatureCacheOptions, "views" | "images" | "width">,
): number {
  return views * images * (checksumBytes + 2 * width);
}

/** The file at its full length; what was never written takes no space and matches no checksum. */
function open(path: string, folder: string, bytes: number): Deno.FsFile {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    if (file.statSync().size !== bytes) file.truncateSync(bytes);
    return file;
  } catch (error) {
    throw explain(error, path);
  }
}

function explain(error: unknown, path: string): unknown {
  return explainDiskError(error, {
    path,
    purpose: "keep features in",
    advice: "Name a cache folder on another disk (XDG_CACHE_HOME), or set featureCache=false",
  });
}

function beyond(path: string, precision: HalfPrecision): RunStop {
  const [most, instead] = precision === "float16"
    ? ["65504", 'featureCache.precision="bfloat16" or featureCache=false']
    : ["3.39e38", "featureCache=false"];
  return new RunStop(
    `Cannot keep features in "${path}": found finite numbers beyond ${precision}, expected at most ` +
      `${most}. Start again, in another folder, with ${instead}`,
  );
}
