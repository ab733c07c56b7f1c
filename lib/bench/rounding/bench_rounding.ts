/** How far fewer bits turn a student's features, and what that costs in accuracy: the bound of an export by eight. */
import { processorName } from "../../cli/recording.ts";
import { measureAccuracy } from "../../compression/measure_file.ts";
import { UserError } from "../../errors/user_error.ts";
import { openMeasurementCache } from "../../evaluation/measurement_cache.ts";
import { openTask } from "../../evaluation/tasks/open_task.ts";
import type { ClassificationTask } from "../../evaluation/tasks/task.ts";
import { compareOnnx } from "../../export/onnx/compare_onnx.ts";
import { encodeStudentOnnx } from "../../export/onnx/encode_student.ts";
import { loadOnnxRuntime } from "../../export/onnx/runtime.ts";
import { sampleAll, splitImages } from "../../export/onnx/sample_images.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { cardFacts, imagePaths } from "../../report/card/card_facts.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { decodeStudent } from "../../teachers/student_file.ts";

/** How much is measured. */
export interface RoundingBenchSetting {
  /** Bits from eight down to these. */
  readonly fewestBits: number;
  /** Unlabelled images by which activations are quantised, and on which features are compared. */
  readonly images: number;
  /** Train and test images of each task, at most. */
  readonly limit: number;
}

/** As many images as an export takes. */
export const roundingSetting: RoundingBenchSetting = { fewestBits: 5, images: 576, limit: 300 };

/** A file of a student. */
export interface RoundedFile {
  /** Bits of weights and activations, 32 of the file that is not rounded. */
  readonly bits: number;
  /** One less the mean cosine of features around their mean, on images that calibrated nothing. */
  readonly turned: number;
  /** Mean k-NN accuracy over the tasks, in percent. */
  readonly accuracy: number;
  readonly tasks: readonly { readonly task: string; readonly accuracy: number }[];
}

/** Outcome of {@linkcode benchRounding}. */
export interface RoundingBench {
  readonly setting: RoundingBenchSetting;
  readonly student: string;
  /** From 32 bits down. */
  readonly files: readonly RoundedFile[];
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/**
 * Writes the student of a run by 32 bits, eight and fewer, and measures each on the tasks of its recipe that have
 * classes. The engine must have been started.
 *
 * @throws {UserError} where there is no student, or no such task
 */
export async function benchRounding(
  setting: RoundingBenchSetting,
  run: string,
  onProgress: (line: string) => void = () => {},
): Promise<RoundingBench> {
  const rounded = levels(setting.fewestBits), file = await locateStudent(run);
  if (file === undefined) {
    throw new UserError(`Cannot round a student: found none in "${run}". Give its run by --runs`);
  }
  const { images: { canvas }, evaluation } = await loadRecipe(runPaths(run).recipe);
  const bytes = await Deno.readFile(file.path);
  const runtime = await loadOnnxRuntime(), backbone = await decodeStudent(bytes, file.name);
  const tasks: ClassificationTask[] = [], files: RoundedFile[] = [];
  const folder = await Deno.makeTempDir({ prefix: "hashigo_bench_rounding" });
  try {
    const { size } = backbone.input;
    for (const source of evaluation.tasks) {
      const task = await openTask(source, { canvas, limit: setting.limit });
      if (task.kind === "classification") tasks.push(task);
      else task.close();
    }
    if (tasks.length === 0) {
      throw new UserError(
        `Cannot measure "${run}": its recipe has no task with classes. Give another run by --runs`,
      );
    }
    const all = await sampleAll(imagePaths(await cardFacts(run)), {
      ...{ count: setting.images, size },
    });
    const { seen, images } = splitImages(all);
    const cache = await openMeasurementCache(`${folder}/measured.jsonl`);
    for (const bits of [32, ...rounded]) {
      onProgress(`${bits} bits`);
      const precision = bits === 32 ? "float32" : "int8";
      const model = await encodeStudentOnnx(bytes, backbone, {
        ...{ precision, bits, seen, version: "0", metadata: {} },
      });
      const { turned } = await compareOnnx({ model, backbone, images, preprocessing: false });
      const rows = await measureAccuracy(runtime, { model, backbone }, {
        ...{ tasks, k: evaluation.k, feature: evaluation.feature, cache, onProgress: () => {} },
      });
      const accuracy = rows.reduce((sum, row) => sum + row.accuracy, 0) / rows.length;
      files.push({ bits, turned, accuracy, tasks: rows });
    }
  } finally {
    backbone.dispose();
    for (const task of tasks) task.close();
    await Deno.remove(folder, { recursive: true });
  }
  const machine = { cpu: processorName(), cores: navigator.hardwareConcurrency };
  return { setting, student: file.name, files, machine };
}

/** Eight bits, seven, down to the fewest: a weight has a sign, so that these are two at least. */
function levels(fewest: number): number[] {
  if (fewest >= 2 && fewest <= 8) return Array.from({ length: 9 - fewest }, (_, i) => 8 - i);
  throw new UserError(`Cannot round to ${fewest} bits: expected 2 to 8. Give --set fewestBits=4`);
}
