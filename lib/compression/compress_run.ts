/** Compresses the student of a run: pruned, distilled again, exported by fewer bits, each file checked and measured. */
import { UserError } from "../errors/user_error.ts";
import { startEngine } from "../engine/backend.ts";
import { openMeasurementCache } from "../evaluation/measurement_cache.ts";
import { countGflop } from "../evaluation/model_cost.ts";
import { openTask } from "../evaluation/tasks/open_task.ts";
import type { ClassificationTask } from "../evaluation/tasks/task.ts";
import { exportOnnx, type OnnxPrecision } from "../export/onnx/export_onnx.ts";
import { loadOnnxRuntime } from "../export/onnx/runtime.ts";
import { sampleImages } from "../export/onnx/sample_images.ts";
import type { Work } from "../io/progress_line.ts";
import { checkShare } from "../nn/pruning/prune_encoder.ts";
import { loadRecipe } from "../recipe/load.ts";
import type { Recipe } from "../recipe/options.ts";
import { locateStudent } from "../runs/locate_student.ts";
import { runPaths } from "../runs/run_folder.ts";
import { readPlan } from "../runs/run_plan.ts";
import { parseEncoderConfig } from "../teachers/encoder_backbone.ts";
import { decodeStudent, openStudentFile } from "../teachers/student_file.ts";
import { decodeSafetensors } from "../weights/safetensors/safetensors.ts";
import { sha256 } from "../weights/verified_file.ts";
import { type CompressionCurve, type CompressionPoint, writeCurve } from "./curve.ts";
import { measureAccuracy, measureMilliseconds } from "./measure_file.ts";
import { pruneStudent } from "./prune_student.ts";
import { recoveryRecipe } from "./recovery_recipe.ts";

/** Bits of a weight, and how a file with them computes. */
export const precisions = { 32: "float32", 16: "float16", 8: "int8" } as const satisfies Record<
  number,
  OnnxPrecision
>;

/** Bits of a weight of an exported file. */
export type Bits = keyof typeof precisions;

/** Options of {@linkcode compressRun}. */
export interface CompressRunOptions {
  /** Folder that is written. */
  readonly out: string;
  /** Shares to prune, each between 0 and 1; the student itself is always among the points. */
  readonly shares: readonly number[];
  readonly bits: readonly Bits[];
  /** Minutes for which each pruned student is distilled again. Default: none is. */
  readonly recover?: number | undefined;
  /** Distils a recipe in a folder to its end, going on with what is there; false where it was stopped. */
  readonly distil: (recipe: Recipe, folder: string) => Promise<boolean>;
  /** Folders or zips of unlabelled images. */
  readonly images: readonly string[];
  /** How many of them pruning looks at. Default: {@linkcode calibrationCount}. */
  readonly count?: number | undefined;
  /** Classification tasks on which files are measured. */
  readonly tasks: readonly string[];
  /** Most train and most test images of each task. Default: all. */
  readonly limit?: number | undefined;
  /** Texts that every file keeps: licences, recipe. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Version of the program. */
  readonly version: string;
  /** Processor and cores. */
  readonly machine: string;
  /** Day, in ISO form. */
  readonly date: string;
  readonly onNote: (line: string) => void;
  readonly onWork: (work: Work) => void;
}

/**
 * How many images pruning looks at unless told otherwise: 4,096 of 96 pixels and fewer of larger ones, since their
 * maps are all in memory; 512 at least.
 *
 * @param size side of the student's input in pixels
 */
export function calibrationCount(size: number): number {
  const most = 4096;
  return Math.max(512, Math.min(most, Math.floor(most * (96 / size) ** 2)));
}

/**
 * Refuses what could not be compressed.
 *
 * @throws {UserError} where there is no student, or a share cannot be pruned of it
 */
export async function checkCompression(run: string, shares: readonly number[]): Promise<void> {
  const file = await locateStudent(run);
  if (file === undefined || file.path === run) {
    throw new UserError(
      `Cannot compress "${run}": found no run there, expected the folder of a finished run. Its recipe says by ` +
        "which teachers and tasks; check the path",
    );
  }
  const { metadata } = decodeSafetensors(await Deno.readFile(file.path), {
    source: `"${file.path}"`,
  });
  const config = parseEncoderConfig(metadata.config, file.name);
  for (const share of shares) checkShare(config, share);
}

/** A network of which files are exported. */
interface Variant {
  readonly name: string;
  readonly share: number;
  readonly recovered: boolean;
  /** A run folder or a student's file. */
  readonly source: string;
}

/**
 * Writes to a folder: a student for each share (`pruned_0.5.safetensors`), the run in which each was distilled again
 * (`recovered_0.5`), the exported files of each (`exports/pruned_0.5/onnx/model_int8.onnx`), and `curve.json`. What
 * is there already of the same student is not made or measured again.
 *
 * @throws {UserError} as {@linkcode checkCompression}, or where a file cannot be written
 */
export async function compressRun(
  run: string,
  options: CompressRunOptions,
): Promise<CompressionCurve | undefined> {
  const { out, shares, images, onNote, onWork } = options;
  await checkCompression(run, shares);
  const file = (await locateStudent(run))!, bytes = await Deno.readFile(file.path);
  await Deno.mkdir(out, { recursive: true });
  await startEngine();
  const backbone = await decodeStudent(bytes, file.name);
  const pathOf = (share: number) => `${out}/pruned_${share}.safetensors`;
  try {
    const { count = calibrationCount(backbone.input.size) } = options;
    const seen: Uint8Array[] = [];
    for (const path of images) {
      const each = Math.ceil(count / images.length);
      seen.push(...await sampleImages(path, { count: each, size: backbone.input.size }));
    }
    await pruneStudent(
      {
        ...{ bytes, backbone, images: seen },
        onProgress: (stage, done, total) => onWork({ stage, done, total, unit: "stages" }),
      },
      shares,
      pathOf,
    );
  } finally {
    backbone.dispose();
  }
  const variants: Variant[] = [
    { name: "full", share: 0, recovered: false, source: run },
    ...shares.map((share) => ({
      ...{ name: `pruned_${share}`, share, recovered: false, source: pathOf(share) },
    })),
  ];
  const refused: string[] = [];
  for (const share of options.recover === undefined ? [] : shares) {
    try {
      const recovered = await recover(run, pathOf(share), { ...options, share });
      if (recovered === undefined) return undefined;
      variants.push(recovered);
    } catch (error) {
      // Minutes that are too few for one of them are no reason to lose the others.
      if (!(error instanceof UserError)) throw error;
      refused.push(refusal(`recovered_${share}`, error, onNote));
    }
  }
  const points = await measureVariants(run, variants, { ...options, refused });
  const { limit, machine, date } = options;
  const curve: CompressionCurve = {
    ...{ student: file.name, digest: await sha256(bytes), points, machine, date },
    // Without the keys of what was not asked for, as the file has it.
    ...refused.length > 0 && { refused },
    ...limit !== undefined && { limit },
    ...options.recover !== undefined && { recover: options.recover },
  };
  await writeCurve(out, curve);
  return curve;
}

/** Says what is left out, and why. */
function refusal(what: string, { message }: UserError, onNote: (line: string) => void): string {
  onNote(`left out ${what}: ${message}`);
  return `${what}: ${message}`;
}

/** Distils a pruned student again; undefined where that was stopped. */
async function recover(
  run: string,
  from: string,
  { out, share, recover: minutes = 0, distil }: CompressRunOptions & { readonly share: number },
): Promise<Variant | undefined> {
  const recipe = await loadRecipe(runPaths(run).recipe);
  const { metadata } = decodeSafetensors(await Deno.readFile(from), { source: `"${from}"` });
  const name = `recovered_${share}`, folder = `${out}/${name}`;
  const again = recoveryRecipe(recipe, {
    ...{ name: `${recipe.name}_${name}`, from: await Deno.realPath(from), minutes },
    before: await Deno.realPath(runPaths(run).student),
    config: parseEncoderConfig(metadata.config, from),
    plan: await readPlan(run),
  });
  if (!await distil(again, folder)) return undefined;
  return { name, share, recovered: true, source: folder };
}

/** Exports every network with every number of bits, and measures each file; what is refused joins `refused`. */
async function measureVariants(
  run: string,
  variants: readonly Variant[],
  options: CompressRunOptions & { readonly refused: string[] },
): Promise<CompressionPoint[]> {
  const { out, bits, tasks, limit, images, metadata, version, onNote, onWork } = options;
  const { images: { canvas }, evaluation: { k, feature } } = await loadRecipe(
    runPaths(run).recipe,
  );
  const runtime = await loadOnnxRuntime();
  const cache = await openMeasurementCache(`${out}/measurements.jsonl`);
  const opened: ClassificationTask[] = [];
  const points: Omit<CompressionPoint, "milliseconds">[] = [];
  const files: { model: Uint8Array; size: number }[] = [];
  try {
    for (const source of tasks) {
      const task = await openTask(source, { canvas, limit, onListed: onNote });
      if (task.kind === "classification") opened.push(task);
      else {
        task.close();
        onNote(`left out the task ${task.name}: k-NN takes images of one class each`);
      }
    }
    for (const { source, ...variant } of variants) {
      const backbone = await openStudentFile(source, variant.name);
      try {
        const costs = { parameters: backbone.parameterCount, gflop: await countGflop(backbone) };
        for (const own of bits) {
          const stage = `${variant.name}, ${own} bits`;
          onWork({ stage });
          const written = await exportOnnx(source, {
            ...{ images, version, metadata, preprocessing: false },
            out: `${out}/exports/${variant.name}`,
            precision: precisions[own],
          }).catch((error) => {
            if (!(error instanceof UserError)) throw error;
            options.refused.push(refusal(stage, error, onNote));
          });
          if (written === undefined) continue;
          const model = await Deno.readFile(written.path);
          const rows = await measureAccuracy(runtime, { model, backbone }, {
            ...{ tasks: opened, k, feature, cache },
            onProgress: (task, done, total) =>
              onWork({ stage: `${stage} on ${task}`, done, total, unit: "images" }),
          });
          const accuracy = rows.reduce((sum, row) => sum + row.accuracy, 0) / rows.length;
          points.push({
            ...{ ...variant, bits: own, path: written.path.slice(out.length + 1), ...costs },
            ...{ bytes: written.bytes, difference: written.difference, accuracy, tasks: rows },
          });
          files.push({ model, size: backbone.input.size });
          onNote(`${stage}: ${accuracy.toFixed(1)} %, ${(written.bytes / 1e6).toFixed(1)} MB`);
        }
      } finally {
        backbone.dispose();
      }
    }
  } finally {
    for (const task of opened) task.close();
  }
  const times = await measureMilliseconds(
    runtime,
    files,
    (done, total) => onWork({ stage: "timing", done, total, unit: "files" }),
  );
  return points.map((point, i) => ({ ...point, milliseconds: times[i]! }));
}
