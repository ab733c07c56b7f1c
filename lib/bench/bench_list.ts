/**
 * Measures how fast a large zip and a large folder of images are listed, and in how much memory. Both
 * are made in a temporary folder; a process of its own lists each.
 */
import { crc32 } from "node:zlib";
import { fileURLToPath } from "node:url";
import { processorName } from "../cli/recording.ts";
import { UserError } from "../errors/user_error.ts";
import { listDataset } from "../images/sources/dataset.ts";
import { openSourceFiles } from "../images/sources/source.ts";
import { highWaterMark } from "./peak_memory.ts";

/** How much is listed. */
export interface ListBenchSetting {
  /** Images in the zip. */
  readonly zipImages: number;
  /** Images in the folder. */
  readonly folderImages: number;
}

/** A zip of more entries than its old format can count, and a folder as of a million-image set's tenth. */
export const listSetting: ListBenchSetting = { zipImages: 66_000, folderImages: 100_000 };

/** One listing. */
export interface Listing {
  readonly images: number;
  /** From opening to the sorted list. */
  readonly seconds: number;
  /** Highest resident memory of the process. */
  readonly peakBytes: number;
}

/** Outcome of {@linkcode benchList}. */
export interface ListBench {
  readonly zip: Listing;
  readonly folder: Listing;
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/** Makes both, lists each in a process of its own, and removes them. */
export async function benchList(
  { zipImages, folderImages }: ListBenchSetting,
  onProgress: (line: string) => void = () => {},
): Promise<ListBench> {
  const place = await Deno.makeTempDir({ prefix: "hashigo_bench_list" });
  try {
    onProgress(`making a zip of ${zipImages} images and a folder of ${folderImages}`);
    await Deno.writeFile(`${place}/images.zip`, zipOf(zipImages));
    makeFolder(`${place}/images`, folderImages);
    onProgress("listing them");
    return {
      zip: await listInChild(`${place}/images.zip`),
      folder: await listInChild(`${place}/images`),
      machine: { cpu: processorName(), cores: navigator.hardwareConcurrency },
    };
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}

/** Names as of a set with a hundred classes. */
const nameOf = (image: number) =>
  `class_${`${image % 100}`.padStart(3, "0")}/image_${`${image}`.padStart(7, "0")}.jpg`;

/** Listing reads no pixels: one byte stands for them. */
const content = Uint8Array.of(255);

function makeFolder(folder: string, images: number): void {
  for (let i = 0; i < Math.min(images, 100); i++) {
    Deno.mkdirSync(`${folder}/${nameOf(i).split("/")[0]}`, { recursive: true });
  }
  for (let i = 0; i < images; i++) Deno.writeFileSync(`${folder}/${nameOf(i)}`, content);
}

/** A zip of stored entries with a directory of its 64-bit form. */
function zipOf(images: number): Uint8Array {
  const crc = crc32(content);
  const pieces: Uint8Array[] = [], directory: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < images; i++) {
    const name = new TextEncoder().encode(nameOf(i));
    const shared = [...[20, 0, 0, 0, 33].map(uint16), ...[crc, 1, 1].map(uint32)];
    const lengths = [uint16(name.length), uint16(0)];
    const local = joined([uint32(0x04034b50), ...shared, ...lengths, name, content]);
    directory.push(
      joined([uint32(0x02014b50), uint16(20), ...shared, ...lengths]),
      joined([...[0, 0, 0].map(uint16), uint32(0), uint32(at), name]),
    );
    pieces.push(local);
    at += local.length;
  }
  const entries = joined(directory);
  const end = [
    ...[uint32(0x06064b50), uint64(44), uint16(45), uint16(45), uint32(0), uint32(0)],
    ...[uint64(images), uint64(images), uint64(entries.length), uint64(at)],
    ...[uint32(0x07064b50), uint32(0), uint64(at + entries.length), uint32(1)],
    ...[uint32(0x06054b50), uint16(0), uint16(0), uint16(0xffff), uint16(0xffff)],
    ...[uint32(0xffffffff), uint32(0xffffffff), uint16(0)],
  ];
  return joined([...pieces, entries, ...end]);
}

const uint16 = (value: number) => new Uint8Array(Uint16Array.of(value).buffer);
const uint32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const uint64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function listInChild(path: string): Promise<Listing> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // Deno opens /proc only with all permissions.
    args: ["run", "-q", "--allow-all", fileURLToPath(import.meta.url), path],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return JSON.parse(text(stdout));
  throw new UserError(`Cannot measure: the listing process ended with ${text(stderr)}`);
}

/** Lists a folder or zip; the child process runs this. */
async function list(path: string): Promise<Listing> {
  const begun = performance.now();
  const source = await openSourceFiles(path);
  const { images } = listDataset(source);
  const seconds = (performance.now() - begun) / 1000;
  source.close();
  return {
    images: images.length,
    seconds,
    peakBytes: Math.max(Deno.memoryUsage().rss, highWaterMark()),
  };
}

/** The result for people. */
export function listTable({ zip, folder, machine }: ListBench): string[] {
  const line = (name: string, { images, seconds, peakBytes }: Listing) =>
    `${name} of ${images.toLocaleString("en-US")} images: listed in ${seconds.toFixed(2)} s, ` +
    `${(peakBytes / 1e6).toFixed(0)} MB at the peak of the process`;
  return [line("zip", zip), line("folder", folder), `${machine.cpu}, ${machine.cores} cores`];
}

if (import.meta.main) console.log(JSON.stringify(await list(Deno.args[0] ?? "")));
