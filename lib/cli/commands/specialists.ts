/** `deno task specialists`: trains the package's own teachers from labels and enters them in the zoo. */
import { fileURLToPath } from "node:url";
import demoTeachers from "../../../recipes/specialists.ts";
import { worldTasks } from "../../../recipes/world.ts";
import worldTeachers from "../../../recipes/world_teachers.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { evaluateModels } from "../../evaluation/evaluate_models.ts";
import { embeddedTasks } from "../../evaluation/tasks/classification_task.ts";
import { duration } from "../../tracking/progress.ts";
import { trainSpecialist } from "../../training/supervised/specialist.ts";
import type { SpecialistRecipe } from "../../training/supervised/recipe.ts";
import { decodeStudent } from "../../runs/student_file.ts";
import { parseTeacherManifest, type ZooEntry } from "../../teachers/zoo/zoo.ts";
import { UserError } from "../../errors/user_error.ts";
import { sha256 } from "../../weights/verified_file.ts";
import { defineCommand, main } from "../command.ts";

const recipes: readonly SpecialistRecipe[] = [
  ...Object.values(demoTeachers),
  ...Object.values(worldTeachers),
];

const defaultFolder = fileURLToPath(new URL("../../../data/teachers", import.meta.url));

export const specialists = defineCommand({
  name: "specialists",
  summary:
    "Trains the teachers of the demo and of the generated world from labels, measures them, and enters them in the zoo",
  example: "deno task specialists digits --steps 200 --out /tmp/teachers",
  positionals: ["[KIND...]"],
  options: {
    steps: { type: "number", value: "N", summary: "steps of each, default as in the recipe" },
    out: { type: "text", value: "FOLDER", summary: "where to write, default data/teachers" },
  },
  run: async ({ options, positionals, say, progress, emit }) => {
    const out = options.out ?? defaultFolder;
    for (const recipe of chosen(positionals, options.steps)) {
      const begun = performance.now();
      let shown = 0;
      const bytes = await trainSpecialist(recipe, (report) => {
        if (performance.now() - shown < 5000 && report.step < report.steps) return;
        shown = performance.now();
        progress(
          `${recipe.name} step ${report.step}/${report.steps}  loss ${report.loss.toFixed(3)}  ` +
            `accuracy ${(100 * report.accuracy).toFixed(0)} %  ` +
            `${report.imagesPerSecond.toFixed(0)} images/s  ${duration(report.secondsLeft)} left`,
        );
      });
      const seconds = (performance.now() - begun) / 1000;
      const path = `${out}/${recipe.name}/encoder.safetensors`;
      await Deno.mkdir(`${out}/${recipe.name}`, { recursive: true });
      await writeFileAtomic(path, bytes);
      const scores = await measure(path, recipe);
      const training = {
        command: `deno task specialists ${kindOf(recipe)}`,
        seconds,
        scores,
        recipe,
      };
      await writeFileAtomic(
        `${out}/${recipe.name}/training.json`,
        JSON.stringify(training, null, 2) + "\n",
      );
      await enter(out, await entryOf(recipe, bytes));
      const row = Object.entries(scores).map(([task, value]) => `${task} ${value.toFixed(1)}`);
      say(`${recipe.name} after ${duration(seconds)}: ${row.join(", ")}`);
      emit({ name: recipe.name, seconds, scores });
    }
  },
});

function kindOf(recipe: SpecialistRecipe): string {
  return recipe.name.replace("specialist_", "");
}

/** Recipes of these kinds; "world" stands for all of the generated world. */
function chosen(kinds: readonly string[], steps?: number): SpecialistRecipe[] {
  const fits = (recipe: SpecialistRecipe, kind: string) =>
    kindOf(recipe) === kind || kindOf(recipe).startsWith(`${kind}_`) && kind === "world";
  const unknown = kinds.find((kind) => !recipes.some((recipe) => fits(recipe, kind)));
  if (unknown !== undefined) {
    throw new UserError(
      `Found the kind "${unknown}", expected some of ${
        recipes.map(kindOf).join(", ")
      }, world for ` +
        "all of the generated world, or none for all",
    );
  }
  return recipes
    .filter((recipe) => kinds.length === 0 || kinds.some((kind) => fits(recipe, kind)))
    .map((recipe) =>
      steps === undefined ? recipe : { ...recipe, optimization: { ...recipe.optimization, steps } }
    );
}

/** On every embedded set, its own among them; or, of the generated world, on every task of it. */
async function measure(path: string, recipe: SpecialistRecipe): Promise<Record<string, number>> {
  const world = recipe.images.sources.some((source) => "world" in source);
  const { rows } = await evaluateModels([{ source: path }], world ? worldTasks : embeddedTasks, {
    canvas: recipe.images.canvas,
    metrics: world ? ["logistic", "segmentation", "depth"] : ["knn"],
  });
  return Object.fromEntries(rows.map(({ task, metric, value }) => [`${task}, ${metric}`, value]));
}

async function entryOf(recipe: SpecialistRecipe, bytes: Uint8Array): Promise<ZooEntry> {
  const { width, patchSize, imageSize } = recipe.network;
  const encoder = await decodeStudent(bytes, recipe.name);
  const entry: ZooEntry = {
    name: recipe.name,
    family: "vision_transformer",
    description: recipe.description,
    licence: "Apache-2.0",
    source: `deno task specialists ${kindOf(recipe)}`,
    width,
    stride: patchSize,
    parameters: encoder.parameterCount,
    input: { size: imageSize, mean: encoder.input.mean, std: encoder.input.std },
    files: [{
      path: `${recipe.name}/encoder.safetensors`,
      bytes: bytes.length,
      sha256: await sha256(bytes),
    }],
  };
  encoder.dispose();
  return entry;
}

/** Puts the entry in the place of an older one of the same name, or at the end. */
async function enter(out: string, entry: ZooEntry): Promise<void> {
  const path = `${out}/manifest.json`;
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return '{ "version": 1, "teachers": [] }';
    throw error;
  });
  const others = parseTeacherManifest(JSON.parse(text)).filter(({ name }) => name !== entry.name);
  const manifest = { version: 1, teachers: [...others, entry] };
  await writeFileAtomic(path, JSON.stringify(manifest, null, 2) + "\n");
}

if (import.meta.main) await main(specialists);
