/**
 * Builds the four demo sets of this folder, each an ImageFolder of 32 x 32 px images in one zip
 * (`train/CLASS/NAME` and `test/CLASS/NAME`), and `manifest.json` with their counts and SHA-256.
 *
 *   deno run --allow-all data/images/build.ts
 *
 * needs the research image sets, which are not part of the package: the folder named by
 * HASHIGO_SHARED, or `shared` beside the checkout. Entries are sorted by name and carry a fixed
 * time stamp, so the same Deno and sharp write the same bytes. The result is committed: nobody
 * has to run this.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { deflateRawSync, gunzipSync } from "node:zlib";
// Only this script needs it: with it the sets keep the bytes that the manifest names.
// deno-lint-ignore no-import-prefix
import * as zip from "npm:@zip.js/zip.js@2.24.0";
import sharp from "sharp";

interface Image {
  readonly name: string;
  readonly data: Uint8Array;
}

const shared = Deno.env.get("HASHIGO_SHARED") ??
  fileURLToPath(new URL("../../../shared", import.meta.url));
const side = 32;

function source(...parts: string[]): Uint8Array {
  return Deno.readFileSync([shared, "data", ...parts].join("/"));
}

async function unzip(bytes: Uint8Array): Promise<Image[]> {
  const reader = new zip.ZipReader(new zip.Uint8ArrayReader(bytes), { useWebWorkers: false });
  const images: Image[] = [];
  for (const entry of await reader.getEntries()) {
    if (entry.directory || entry.filename.startsWith("__MACOSX")) continue;
    if (!/\.(png|jpg)$/.test(entry.filename)) continue;
    images.push({
      name: entry.filename,
      data: await entry.getData(new zip.Uint8ArrayWriter()),
    });
  }
  await reader.close();
  return images;
}

/** A grey PNG from `size` x `size` bytes, with a border that repeats the edge up to 32 px. */
function greyPng(pixels: Uint8Array, size: number): Promise<Uint8Array> {
  const border = (side - size) / 2;
  return sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .extend({ top: border, bottom: border, left: border, right: border, extendWith: "copy" })
    .toColourspace("b-w")
    .png({ compressionLevel: 9 }).toBuffer();
}

/** MNIST's 10,000 test images: the first 8,000 train, the rest test. */
async function digits(): Promise<Image[]> {
  const pixels = gunzipSync(source("mnist-t10k", "t10k-images-idx3-ubyte.gz")).subarray(16);
  const labels = gunzipSync(source("mnist-t10k", "t10k-labels-idx1-ubyte.gz")).subarray(8);
  const images: Image[] = [];
  for (const [index, label] of labels.entries()) {
    images.push({
      name: `${index < 8000 ? "train" : "test"}/${label}/${String(index).padStart(4, "0")}.png`,
      data: await greyPng(pixels.subarray(index * 784, (index + 1) * 784), 28),
    });
  }
  return images;
}

/** EuroSAT tiles, 64 px to 32 px; JPEG, since PNG takes two and a half times the bytes. */
async function landUse(): Promise<Image[]> {
  const images: Image[] = [];
  for (const { name, data } of await unzip(source("eurosat", "eurosat.zip"))) {
    images.push({
      name,
      data: await sharp(data).resize(side, side, { kernel: "lanczos3" })
        .jpeg({ quality: 92, chromaSubsampling: "4:4:4" }).toBuffer(),
    });
  }
  return images;
}

/** The bytes of the NumPy arrays in an npz file; the header's length is at byte 8 of each. */
async function numpyArrays(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const reader = new zip.ZipReader(new zip.Uint8ArrayReader(bytes), { useWebWorkers: false });
  const arrays = new Map<string, Uint8Array>();
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    const data = await entry.getData(new zip.Uint8ArrayWriter());
    const header = data[8]! + 256 * data[9]!;
    arrays.set(entry.filename.replace(".npy", ""), data.subarray(10 + header));
  }
  await reader.close();
  return arrays;
}

/** PneumoniaMNIST, balanced. The validation part is left out: three of it also occur in train. */
async function chestXray(): Promise<Image[]> {
  const arrays = await numpyArrays(source("pneumonia28", "pneumoniamnist-balanced.npz"));
  const images: Image[] = [];
  for (const split of ["train", "test"]) {
    const pixels = arrays.get(`${split}_images`)!;
    const labels = arrays.get(`${split}_labels`)!;
    const stride = labels.length / (pixels.length / 784); // bytes per label, little-endian
    for (let index = 0; index * 784 < pixels.length; index++) {
      const label = labels[index * stride] === 0 ? "normal" : "pneumonia";
      images.push({
        name: `${split}/${label}/${String(index).padStart(4, "0")}.png`,
        data: await greyPng(pixels.subarray(index * 784, (index + 1) * 784), 28),
      });
    }
  }
  return images;
}

/** Omniglot's two small background sets; drawers 01 to 14 train, 15 to 20 test. */
async function characters(): Promise<Image[]> {
  const images: Image[] = [];
  const drawings = new Set<string>();
  for (const part of ["small1", "small2"]) {
    for (
      const { name, data } of await unzip(source("omniglot-small", `images_background_${part}.zip`))
    ) {
      const digest = createHash("sha256").update(await sharp(data).raw().toBuffer()).digest("hex");
      if (drawings.has(digest)) continue; // Greek and Latin occur in both parts
      drawings.add(digest);
      const [, alphabet, character, file] = name.split("/");
      const drawer = file!.slice(5, 7);
      const className = `${alphabet!.replace(/[()]/g, "")}_${character}`;
      images.push({
        name: `${Number(drawer) <= 14 ? "train" : "test"}/${className}/${file}`,
        data: await sharp(data).toColourspace("b-w").resize(side, side, { kernel: "lanczos3" })
          .png({ compressionLevel: 9 }).toBuffer(),
      });
    }
  }
  return images;
}

/** Each entry stored, or deflated where that is smaller. */
async function writeZip(path: string, images: readonly Image[]): Promise<string> {
  const writer = new zip.ZipWriter(new zip.Uint8ArrayWriter(), {
    useWebWorkers: false,
    extendedTimestamp: false,
    dataDescriptor: false,
    lastModDate: new Date(1980, 0, 1),
  });
  for (const { name, data } of images.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    const level = deflateRawSync(data, { level: 9 }).length < data.length ? 9 : 0;
    await writer.add(name, new zip.Uint8ArrayReader(data), { level });
  }
  const bytes = await writer.close();
  await Deno.writeFile(path, bytes);
  return createHash("sha256").update(bytes).digest("hex");
}

function count(images: readonly Image[]): Record<string, number> {
  const classes = new Set(images.map(({ name }) => name.split("/")[1]));
  return {
    classes: classes.size,
    train: images.filter(({ name }) => name.startsWith("train/")).length,
    test: images.filter(({ name }) => name.startsWith("test/")).length,
  };
}

const manifest: Record<string, unknown> = {};
for (
  const [name, build] of Object.entries({
    characters,
    chest_xray: chestXray,
    digits,
    land_use: landUse,
  })
) {
  const images = await build();
  const path = fileURLToPath(new URL(`${name}.zip`, import.meta.url));
  const sha256 = await writeZip(path, images);
  const bytes = (await Deno.stat(path)).size;
  manifest[name] = { file: `${name}.zip`, ...count(images), side, bytes, sha256 };
  console.log(name, JSON.stringify(manifest[name]));
}
await Deno.writeTextFile(
  new URL("manifest.json", import.meta.url),
  JSON.stringify(manifest, null, 2) + "\n",
);
