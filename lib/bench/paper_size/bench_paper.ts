/**
 * Measures UNIC's own setting for three steps and, resumed, one more: student and four teachers ViT-B/16 at 224
 * pixels, a ladder on all blocks. Each part is a process of its own.
 */
import recipe from "../../../recipes/paper_size.ts";
import { startEngine } from "../../engine/backend.ts";
import { processorName } from "../../cli/recording.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { TransformerFamilyName } from "../../teachers/families/families.ts";
import { vitBase, writeMadeUpTeacher } from "./made_up_teacher.ts";
import { type MeasuredRun, measureRun } from "./measured_run.ts";

/** Outcome of {@linkcode benchPaper}. */
export interface PaperBench {
  /** Three steps, after which the run is left; the last in a new process. */
  readonly first: MeasuredRun;
  readonly resumed: MeasuredRun;
  readonly batch: number;
  readonly parts: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly devices: readonly string[];
    /** Runnable processes, mean of a minute, before and after; the bench's own are among the latter. */
    readonly load: readonly [before: number, after: number];
  };
}

/**
 * Writes what is missing of the teachers' files, and runs.
 *
 * @param folder of the run and of the teachers; a run that lies there is removed
 */
export async function benchPaper(
  folder: string,
  onProgress: (line: string) => void = () => {},
): Promise<PaperBench> {
  const { devices } = await startEngine(), before = Deno.loadavg()[0]!;
  const own = await withTeachers(recipe, `${folder}/teachers`, onProgress);
  const run = `${folder}/run`;
  await Deno.remove(run, { recursive: true }).catch(() => {});
  const { steps = 4, batchSize, accumulate = 1 } = own.optimization;
  onProgress(`${steps - 1} steps, some minutes each on a few cores`);
  const first = await measureRun({ recipe: own, folder: run, until: steps - 1 });
  onProgress("the last one in a new process");
  const resumed = await measureRun({ recipe: own, folder: run });
  return {
    ...{ first, resumed, batch: batchSize / accumulate, parts: accumulate },
    machine: {
      ...{ cpu: processorName(), cores: navigator.hardwareConcurrency, devices },
      load: [before, Deno.loadavg()[0]!],
    },
  };
}

/** The recipe with its teachers in another folder, whose files are made where they are not there. */
async function withTeachers(
  recipe: Recipe,
  folder: string,
  onProgress: (line: string) => void,
): Promise<Recipe> {
  await Deno.mkdir(folder, { recursive: true });
  const teachers = recipe.teachers.map((teacher) => {
    const path = `${folder}/${teacher.name}.safetensors`;
    return { ...teacher, path, checkpoint: `${teacher.name}:${path}` };
  });
  for (const [seed, { name, path }] of teachers.entries()) {
    if (await Deno.stat(path).then(() => true, () => false)) continue;
    onProgress(`writing ${path}`);
    await writeMadeUpTeacher(name as TransformerFamilyName, path, vitBase, seed);
  }
  return { ...recipe, teachers: teachers.map(({ path: _, ...teacher }) => teacher) };
}
