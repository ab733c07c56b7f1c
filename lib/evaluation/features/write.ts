/** Frozen features of a folder of images, written to a file. */
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { writeStreamAtomic } from "../../io/atomic_file.ts";
import { append } from "../../io/positioned_file.ts";
import { decodeInOrder, defaultWorkers, wholePixels } from "../../images/codec/decode_in_order.ts";
import { checkDecodeOptions, type DecodeOptions } from "../../images/codec/decode_options.ts";
import { decoderPool } from "../../images/codec/decoder_pool.ts";
import { listDataset } from "../../images/sources/dataset.ts";
import { describeDataset } from "../../images/sources/summary.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import type { SourceFiles } from "../../images/source_files.ts";
import type { Backbone, Features } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import {
  type FeatureFileLayout,
  featureFileLayout,
  writeRows,
} from "../../weights/safetensors/feature_file.ts";
import { assertMemory } from "../../io/memory.ts";
import { inputFloats } from "../../teachers/backbone_memory.ts";
import { assertSpace } from "../../io/disk_space.ts";
import type { Shard } from "../../io/shard.ts";
import { itemsOfShard, mergeShards, shardPath } from "./shard.ts";

/** Options of {@linkcode writeFeatures}. */
export interface WriteFeaturesOptions extends DecodeOptions {
  /** Folder or zip, with or without class folders: every image below it, sorted by name. */
  readonly images: string;
  /** The file; replaced where there is one. */
  readonly out: string;
  /** Images that the network sees at once; changes memory and speed. Default: 32. */
  readonly batchSize?: number | undefined;
  /** Decoding workers; 0 decodes on the main thread. Default: by cores. */
  readonly workers?: number | undefined;
  /**
   * Only so much of the images: the file is `NAME.part-3-of-16.safetensors`, and the process that finds all
   * parts there makes `out` of them, of the same bytes as without parts. Default: all.
   */
  readonly shard?: Shard | undefined;
  /** Receives a line that says which images were read and passed over. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Called with images done and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops after the batch in progress; nothing is written. */
  readonly signal?: AbortSignal | undefined;
}

/** Outcome of {@linkcode writeFeatures}. */
export interface WrittenFeatures {
  /** The file; of a part, unless it was the last. */
  readonly out: string;
  /** Number of images. */
  readonly images: number;
  /** What was read and passed over where they were listed, in one line. */
  readonly listed: string;
  /** Numbers per token. */
  readonly width: number;
  /** Patch tokens per image, 0 where the network has none. */
  readonly tokens: number;
  /** Seconds of decoding, computing and writing. */
  readonly seconds: number;
}

/**
 * Writes the features of images as a safetensors file: `cls [images, width]` and
 * `patch [images, tokens, width]`, those that the network has, in float32. Metadata: `images` (names in
 * order, a JSON list), `listed` (what was passed over), `network`, `family`, `digest`, `licence`, `input` (size, mean and std, JSON)
 * and `grid` (rows and columns, JSON), and of a network that is read out `readout` (in words). The file is written batch by batch and is whole or absent.
 *
 * Images are decoded as by {@linkcode decodeImage}: the square in the middle is resized to the network's
 * input; an image that has that size already passes unchanged.
 *
 * @throws {UserError} Where nothing is an image, one cannot be decoded, a feature is not finite, or
 *   the file cannot be written.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel, writeFeatures } from "@hashigo/hashigo/evaluation";
 * import { readSafetensors } from "@hashigo/hashigo/weights";
 * import sharp from "sharp";
 * await startEngine();
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/photos`);
 * const create = { width: 40, height: 32, channels: 3, background: "#ff0000" } as const;
 * await sharp({ create }).png().toFile(`${folder}/photos/red.png`);
 * const { backbone } = await openModel("resnet20_cifar10");
 * const out = `${folder}/features.safetensors`;
 * await writeFeatures(backbone, { images: `${folder}/photos`, out, batchSize: 1 });
 * const { tensors, metadata } = await readSafetensors(out);
 * if (tensors.get("patch")?.shape.join() !== "1,64,64") throw new Error("8 x 8 places, 64 channels");
 * if (metadata.images !== '["red.png"]') throw new Error("Expected the name");
 * backbone.dispose();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeFeatures(
  backbone: Backbone,
  options: WriteFeaturesOptions,
): Promise<WrittenFeatures> {
  const { out: whole, batchSize: requested = 32, shard } = options;
  const out = shard === undefined ? whole : shardPath(whole, shard);
  if (!Number.isSafeInteger(requested) || requested < 1) {
    throw new UserError(
      `Cannot write features in batches of ${requested}: expected a whole number of at least 1`,
    );
  }
  checkDecodeOptions(options);
  const begun = performance.now();
  const place = await openSourceFiles(options.images);
  try {
    const dataset = listDataset(place);
    const listed = describeDataset(dataset);
    options.onNote?.(`images: ${listed}`);
    // A batch larger than all images would be filled up with repetitions.
    const batchSize = Math.min(requested, dataset.images.length);
    const images = shard === undefined
      ? dataset.images
      : itemsOfShard(dataset.images, shard, batchSize);
    checkBatch(backbone, batchSize);
    const names = images.map(({ name }) => name);
    const tokens = patchesOf(backbone);
    const layout = layoutFor(backbone, names, listed);
    await assertSpace(layout.bytes, dirname(out));
    await writeStreamAtomic(out, async (file) => {
      await append(file, layout.head);
      await writeBatches(file, { backbone, place, images, layout, batchSize, options });
    });
    const merged = shard !== undefined && await mergeShards(whole, shard.of);
    const seconds = (performance.now() - begun) / 1000;
    return {
      out: merged ? whole : out,
      images: images.length,
      listed,
      width: backbone.width,
      tokens,
      seconds,
    };
  } finally {
    place.close();
  }
}

/** Refuses a batch that would fill the memory. */
function checkBatch(backbone: Backbone, batchSize: number): void {
  const { family, width, input: { size } } = backbone;
  const stride = size / backbone.grid()[0];
  assertMemory({
    fixed: 0,
    perItem: {
      // On the host, on the engine and between 0 and 1 there.
      images: 3 * 3 * 4 * size * size,
      "the network's activations": 4 * inputFloats({ family, width, stride }, size),
    },
    items: batchSize,
  }, {
    attempt: `compute features of "${backbone.name}" in batches of ${batchSize}`,
    batchOption: "--batch",
    sizeOption: "the input size, MODEL@SIZE",
  });
}

function patchesOf({ tokens, grid }: Backbone): number {
  return tokens.includes("patch") ? grid()[0] * grid()[1] : 0;
}

function layoutFor(
  backbone: Backbone,
  names: readonly string[],
  listed: string,
): FeatureFileLayout {
  const { name, family, digest, licence, input, width, tokens, grid, readout } = backbone;
  const tables = tokens.map((kind) => ({
    name: kind,
    shape: kind === "cls" ? [names.length, width] : [names.length, patchesOf(backbone), width],
  }));
  return featureFileLayout(tables, {
    images: JSON.stringify(names),
    listed,
    network: name,
    family,
    digest,
    licence,
    input: JSON.stringify(input),
    // Absent where it is read as it is: all values of metadata are text.
    ...readout !== undefined && { readout },
    // A file without patch tokens has no such key: all values of metadata are text.
    ...tokens.includes("patch") && { grid: JSON.stringify(grid()) },
  });
}

interface Work {
  readonly backbone: Backbone;
  readonly place: SourceFiles;
  readonly images: readonly { readonly file: number; readonly name: string }[];
  readonly layout: FeatureFileLayout;
  readonly batchSize: number;
  readonly options: WriteFeaturesOptions;
}

async function writeBatches(file: Deno.FsFile, work: Work): Promise<void> {
  const { backbone, place, images, layout, batchSize } = work;
  const { background, maximumPixels, signal, onProgress } = work.options;
  const { workers = defaultWorkers(images.length) } = work.options;
  const canvas = backbone.input.size;
  const pool = decoderPool(workers);
  const features = compileLazily(
    (pixels: tf.Tensor4D): Features => backbone.features(tf.div(pixels, 255)),
    { mode: backbone.mode ?? "graph", name: `features of ${backbone.name}` },
  );
  try {
    let done = 0;
    const chunks = wholePixels(
      decodeInOrder(pool, place, images, {
        canvas,
        background,
        maximumPixels,
      }),
      place,
      images,
    );
    for await (const batch of batches(chunks, batchSize, canvas)) {
      signal?.throwIfAborted();
      const pixels = tf.tensor4d(batch.pixels, [batchSize, canvas, canvas, 3]);
      const output = await features(pixels);
      pixels.dispose();
      const names = images.slice(done, done + batch.count).map(({ name }) => name);
      for (const [kind, values] of await toHost(output)) {
        const rows = values.subarray(0, values.length / batchSize * batch.count);
        assertFinite(rows, backbone.name, names);
        await writeRows(file, layout.places.get(kind)!, done, rows);
      }
      done += batch.count;
      onProgress?.(done, images.length);
    }
  } finally {
    features.dispose();
    pool.close();
  }
}

/** Reads the numbers of each kind of token, and frees the tensors. */
async function toHost(output: Features): Promise<[kind: string, values: Float32Array][]> {
  const kinds = Object.entries(output);
  try {
    return await Promise.all(
      kinds.map(async ([kind, tokens]) => [kind, await tokens.data<"float32">()]),
    );
  } finally {
    tf.dispose(output);
  }
}

/** Pixels of `size` images at a time; behind the images of the last batch stand earlier ones. */
async function* batches(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  canvas: number,
): AsyncGenerator<{ pixels: Float32Array; count: number }> {
  const image = canvas * canvas * 3;
  const pixels = new Float32Array(size * image);
  let count = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const taken = chunk.subarray(from, from + (size - count) * image);
      pixels.set(taken, count * image);
      count += taken.length / image;
      from += taken.length;
      if (count < size) continue;
      yield { pixels, count };
      count = 0;
    }
  }
  if (count > 0) yield { pixels, count };
}

function assertFinite(rows: Float32Array, network: string, images: readonly string[]): void {
  const broken = rows.findIndex((value) => !Number.isFinite(value));
  if (broken === -1) return;
  const image = images[Math.floor(broken / (rows.length / images.length))];
  throw new UserError(
    `Cannot write the features of "${network}": one of the image "${image}" is ${rows[broken]}, ` +
      "expected finite numbers. Its weights may be damaged: fetch or train it again.",
  );
}
