/** A static page that runs a student in the browser of whoever opens it. */
import { dirname } from "node:path";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { exportOnnx } from "../onnx/export_onnx.ts";
import type { Head } from "../../inference/head.ts";
import type { OpenedStudent } from "../../inference/open_student.ts";
import { pageGallery } from "./gallery.ts";
import type { PageData } from "./page_data.ts";
import { runtimeFiles, type SiteFile, siteFiles } from "./site_files.ts";

/** Options of {@linkcode buildPage}. */
export interface BuildPageOptions {
  /** The student at `source`, opened; borrowed. */
  readonly student: OpenedStudent;
  /** Folder that is written. */
  readonly out: string;
  /** Folders or zips of the pictures to try, and to search in. */
  readonly images: readonly string[];
  /** Pictures at most. Default: 60. */
  readonly count?: number | undefined;
  /** Whether weights are halves, for half the download. Default false. */
  readonly half?: boolean | undefined;
  /** Classifier. Default: none. */
  readonly head?: Head | undefined;
  /** A line about the licence. */
  readonly licence: string;
  /** Version of the program. */
  readonly version: string;
  /** Called with the pictures whose features are computed, and all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Outcome of {@linkcode buildPage}. */
export interface BuiltPage {
  /** Number of files. */
  readonly files: number;
  /** Their size together. */
  readonly bytes: number;
  /** Bytes that a browser loads before the first result, without WebGPU. */
  readonly loaded: number;
  /** Largest relative difference of the model to the student. */
  readonly difference: number;
}

/**
 * Writes a folder of static files: the student as ONNX, ONNX Runtime for browsers, pictures with their features, and
 * the page. It asks for nothing outside of the folder; any server of files serves it.
 *
 * @param source a run folder, or its `student.safetensors`
 * @throws {UserError} where there is no student, no picture, or the model differs from the student
 */
export async function buildPage(source: string, options: BuildPageOptions): Promise<BuiltPage> {
  const { student, out, images, count = 60, half = false, head, licence, version } = options;
  const { input } = student.backbone;
  const gallery = await pageGallery(student, { images, count, onProgress: options.onProgress });
  const temporary = await Deno.makeTempDir({ prefix: "hashigo-page" });
  try {
    const model = await exportOnnx(source, {
      ...{ out: temporary, images, version, preprocessing: false },
      precision: half ? "float16" : "float32",
      head: head && { ...head, count: head.classes.length },
      metadata: {},
    });
    const page: PageData = {
      ...{ name: student.name, licence, input, width: student.width, grid: student.grid },
      head: head &&
        {
          classes: head.classes,
          costs: head.costs && [...head.costs.costs],
          rejection: head.rejection,
        },
      colours: gallery.colours,
      gallery: gallery.images,
    };
    const files: SiteFile[] = [
      ...await siteFiles(),
      ...await runtimeFiles(),
      ...gallery.files,
      { path: "model.onnx", content: await Deno.readFile(model.path) },
      { path: "page.json", content: JSON.stringify(page) },
    ];
    for (const { path, content } of files) {
      await Deno.mkdir(dirname(`${out}/${path}`), { recursive: true });
      await writeFileAtomic(`${out}/${path}`, content);
    }
    const sizes = files.map(({ path, content }) => ({
      isLate: /asyncify|webgpu/.test(path) || /^gallery\/(?!000)/.test(path),
      bytes: typeof content === "string"
        ? new TextEncoder().encode(content).length
        : content.length,
    }));
    const total = (some: typeof sizes) => some.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      files: files.length,
      bytes: total(sizes),
      loaded: total(sizes.filter(({ isLate }) => !isLate)),
      difference: model.difference,
    };
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}
