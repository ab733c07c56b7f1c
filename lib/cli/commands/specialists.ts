/** `specialists`: trains the package's own teachers from labels and enters them in the zoo. */
import demoTeachers from "../../../recipes/specialists.ts";
import { worldTasks } from "../../../recipes/world.ts";
import worldTeachers from "../../../recipes/world_teachers.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { evaluateModels } from "../../evaluation/evaluate_models.ts";
import { embeddedTasks } from "../../evaluation/tasks/classification_task.ts";
import { duration } from "../../io/duration.ts";
import type { ProgressLine } from "../../io/progress_line.ts";
import { trainSpecialist } from "../../training/supervised/specialist.ts";
import type { SpecialistRecipe } from "../../training/supervised/recipe.ts";
import { decodeStudent } from "../../teachers/student_file.ts";
import { parseTeacherManifest, type ZooEntry } from "../../teachers/zoo/zoo.ts";
import { UserError } from "../../errors/user_error.ts";
import { sha256 } from "../../weights/verified_file.ts";
import { checkoutPath } from "../checkout.ts";
import { checkSource } from "../../images/sources/check_source.ts";
import { checkOutputFolder } from "../../io/output_path.ts";
import { readTextIfThere } from "../../io/text_file.ts";
import { defineCommand, UsageError } from "../command.ts";

const recipes: readonly SpecialistRecipe[] = [
  ...Object.values(demoTeachers),
  ...Object.values(worldTeachers),
];

/** The command, as a value. */
export const specialists = defineCommand({
  name: "specialists",
  group: "reproduce",
  summary: "Trains the teachers of the demo and of the generated world from labels",
  details: "Each is measured and entered in the zoo.",
  example: "digits --steps 200 --out /tmp/teachers",
  positionals: ["[KIND...]"],
  options: {
    steps: { type: "number", value: "N", summary: "steps of each, default as in the recipe" },
    out: { type: "text", value: "FOLDER", summary: "where to write, default data/teachers" },
  },
  check: async ({ options: { steps, out = checkoutPath("data/teachers") }, positionals }) => {
    if (steps !== undefined && !(Number.isSafeInteger(steps) && steps > 0)) {
      throw new UsageError(`Found --steps ${steps}, expected a whole number of at least 1`);
    }
    const chosen = chooseRecipes(positionals, steps);
    for (const source of chosen.flatMap(({ images }) => images.sources)) {
      if ("path" in source) await checkSource(source.path);
    }
    await checkOutputFolder(out, "--out");
    return { chosen, out };
  },
  run: async ({ say, line, emit }, { chosen, out }) => {
    for (const recipe of chosen) {
      const begun = performance.now();
      const bytes = await trainWithProgress(recipe, line);
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
      await addEntry(out, await entryOf(recipe, bytes));
      const row = Object.entries(scores).map(([task, value]) => `${task} ${value.toFixed(1)}`);
      say(`${recipe.name} after ${duration(seconds)}: ${row.join(", ")}`);
      emit({ name: recipe.name, seconds, scores });
    }
  },
});

/** Trains, and shows how far it has come. Returns the bytes of the student's file. */
async function trainWithProgress(
  recipe: SpecialistRecipe,
  line: ProgressLine,
): Promise<Uint8Array> {
  return await trainSpecialist(recipe, (report) => {
    const { step, steps, loss, accuracy, imagesPerSecond, secondsLeft } = report;
    const text = `${recipe.name} step ${step}/${steps}  loss ${loss.toFixed(3)}  ` +
      `accuracy ${(100 * accuracy).toFixed(0)} %  ${imagesPerSecond.toFixed(0)} images/s` +
      (Number.isNaN(secondsLeft) ? "" : `  ${duration(secondsLeft)} left`);
    line.show({
      live: (columns) => text.slice(0, columns),
      plain: () => text,
      urgent: step === steps,
    });
  });
}

function kindOf(recipe: SpecialistRecipe): string {
  return recipe.name.replace("specialist_", "");
}

/** Recipes of these kinds; "world" stands for all of the generated world. */
function chooseRecipes(kinds: readonly string[], steps?: number): SpecialistRecipe[] {
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

/** Scores by task: of all embedded sets, or, for a teacher of the generated world, of all its tasks. */
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

/** Replaces an older entry of the same name, or appends. */
async function addEntry(out: string, entry: ZooEntry): Promise<void> {
  const path = `${out}/manifest.json`;
  const text = await readTextIfThere(path) ?? '{ "version": 1, "teachers": [] }';
  const others = parseTeacherManifest(JSON.parse(text)).filter(({ name }) => name !== entry.name);
  const manifest = { version: 1, teachers: [...others, entry] };
  await writeFileAtomic(path, JSON.stringify(manifest, null, 2) + "\n");
}
