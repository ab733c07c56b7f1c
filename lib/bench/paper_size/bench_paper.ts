/**
 * Measures UNIC's own setting for three steps and, resumed, one more: student and four teachers ViT-B/16 at 224
 * pixels, a ladder on all blocks. Each part is a process of its own.
 */
import recipe from "../../../recipes/paper_size.ts";
import { startEngine } from "../../engine/backend.ts";
import { processorName } from "../../cli/recording.ts";
import type { RecipeInput } from "../../recipe/input.ts";
import type { Recipe } from "../../recipe/options.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { TransformerFamilyName } from "../../teachers/families/families.ts";
import { vitBase, writeMadeUpTeacher } from "./made_up_teacher.ts";
import { type MeasuredRun, measureRun } from "./measured_run.ts";

/** Sizes; every one is a number that `--set` may change. */
export interface PaperSetting {
  /** Of the student and of each teacher, a multiple of 64. */
  readonly width: number;
  /** Side of the images in pixels, a multiple of 16. */
  readonly imageSize: number;
}

/** The paper's own. */
export const paperSetting: PaperSetting = { width: vitBase.width, imageSize: vitBase.image };

/** Outcome of {@linkcode benchPaper}. */
export interface PaperBench {
  readonly setting: PaperSetting;
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
  setting: PaperSetting,
  folder: string,
  onProgress: (line: string) => void = () => {},
): Promise<PaperBench> {
  const { devices } = await startEngine(), before = Deno.loadavg()[0]!;
  const own = await withTeachers(recipeOf(setting), setting, { folder, onProgress });
  const run = `${folder}/run`;
  await Deno.remove(run, { recursive: true }).catch(() => {});
  const { steps = 4, batchSize, accumulate = 1 } = own.optimization;
  onProgress(`${steps - 1} steps, some minutes each on a few cores`);
  const first = await measureRun({ recipe: own, folder: run, until: steps - 1 });
  onProgress("the last one in a new process");
  const resumed = await measureRun({ recipe: own, folder: run });
  return {
    ...{ setting, first, resumed, batch: batchSize / accumulate, parts: accumulate },
    machine: {
      ...{ cpu: processorName(), cores: navigator.hardwareConcurrency, devices },
      load: [before, Deno.loadavg()[0]!],
    },
  };
}

function isStandard({ width, imageSize }: PaperSetting): boolean {
  return width === paperSetting.width && imageSize === paperSetting.imageSize;
}

/** The paper's recipe, or the same in another size. */
function recipeOf(setting: PaperSetting): Recipe {
  if (isStandard(setting)) return recipe;
  const { images, student } = recipe, { width, imageSize } = setting;
  return defineRecipe({
    ...recipe,
    // The images are drawn: as large as they are seen.
    images: { ...images, size: imageSize, canvas: imageSize },
    student: { ...student, width, heads: width / 64 },
  } as RecipeInput);
}

/** The recipe with its teachers in another folder, whose files are made where they are not there. */
async function withTeachers(
  recipe: Recipe,
  setting: PaperSetting,
  { folder, onProgress }: {
    readonly folder: string;
    readonly onProgress: (line: string) => void;
  },
): Promise<Recipe> {
  const { width, imageSize } = setting;
  const place = `${folder}/teachers${isStandard(setting) ? "" : `_${width}_${imageSize}`}`;
  await Deno.mkdir(place, { recursive: true });
  const teachers = recipe.teachers.map((teacher) => {
    const path = `${place}/${teacher.name}.safetensors`;
    return { ...teacher, path, checkpoint: `${teacher.name}:${path}` };
  });
  for (const [seed, { name, path }] of teachers.entries()) {
    if (await Deno.stat(path).then(() => true, () => false)) continue;
    onProgress(`writing ${path}`);
    const shape = { ...vitBase, width, image: imageSize };
    await writeMadeUpTeacher(name as TransformerFamilyName, path, shape, seed);
  }
  return { ...recipe, teachers: teachers.map(({ path: _, ...teacher }) => teacher) };
}
