/**
 * Measures how fast a large zip and a large folder of images are listed, and in how much memory. Both
 * are made in a temporary folder; a process of its own lists each.
 */
import { fileURLToPath } from "node:url";
import { processorName } from "../cli/recording.ts";
import { listDataset } from "../images/sources/dataset.ts";
import { openSourceFiles } from "../images/sources/source.ts";
import { append } from "../io/positioned_file.ts";
import { encodeStoredZip } from "../weights/stored_zip.ts";
import { highWaterMark, measureInProcess } from "./measured_process.ts";
import { machineText } from "../report/format.ts";

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
    await makeZip(`${place}/images.zip`, zipImages);
    makeFolder(`${place}/images`, folderImages);
    onProgress("listing them");
    return {
      zip: await measureInProcess<Listing>(program, `${place}/images.zip`),
      folder: await measureInProcess<Listing>(program, `${place}/images`),
      machine: { cpu: processorName(), cores: navigator.hardwareConcurrency },
    };
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}

const program = fileURLToPath(import.meta.url);

/** Names as of a set with a hundred classes. */
const nameOf = (image: number) =>
  `class_${`${image % 100}`.padStart(3, "0")}/image_${`${image}`.padStart(7, "0")}.jpg`;

/** Listing reads no pixels: one byte stands for them. */
const content = Uint8Array.of(255);

async function makeZip(path: string, images: number): Promise<void> {
  const entries = Array.from({ length: images }, (_, i) => ({ name: nameOf(i), bytes: content }));
  using file = await Deno.open(path, { write: true, create: true });
  for (const piece of encodeStoredZip(entries)) await append(file, piece);
}

function makeFolder(folder: string, images: number): void {
  for (let i = 0; i < Math.min(images, 100); i++) {
    Deno.mkdirSync(`${folder}/${nameOf(i).split("/")[0]}`, { recursive: true });
  }
  for (let i = 0; i < images; i++) Deno.writeFileSync(`${folder}/${nameOf(i)}`, content);
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
  return [line("zip", zip), line("folder", folder), machineText(machine)];
}

if (import.meta.main) console.log(JSON.stringify(await list(Deno.args[0] ?? "")));
