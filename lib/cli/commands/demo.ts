/** `demo`: four specialists into one model. */
import { coresText } from "../../engine/install/processor.ts";
import demoRecipe from "../../../recipes/demo.ts";
import { duration } from "../../io/duration.ts";
import { applyOverrides } from "../../recipe/overrides.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { accountText } from "../../report/tables/account_text.ts";
import { comparisonText } from "../../report/tables/comparison_table.ts";
import { costText, evaluationCosts } from "../../report/tables/cost_table.ts";
import { defineCommand } from "../command.ts";
import { checkRecipeRun, runRecipe } from "./run_recipe.ts";

/** Train and test images of each task that a short demo measures. */
const shortImages = 200;

/** The command, as a value. */
export const demo = defineCommand({
  name: "demo",
  group: "distil",
  summary: "Distils four specialists into one student, without labels: the quick start",
  details:
    "The specialists know digits, satellite land use, chest X-rays and characters; they, the\n" +
    "student and others are compared on all four kinds of images.",
  example: "--short",
  interrupt: "signal",
  options: {
    run: {
      type: "text",
      value: "FOLDER",
      summary: "run folder, default runs/demo or the next free",
    },
    short: { type: "flag", summary: "a few steps only, to see that everything works" },
  },
  check: async ({ options }) => {
    const short = ["optimization.steps=30", "optimization.warmupSteps=5"];
    const recipe = options.short
      ? { ...applyOverrides(demoRecipe, short), description: shortDescription }
      : demoRecipe;
    const place = await folderFor(options.run, options.short ? "demo-short" : "demo");
    await checkRecipeRun(recipe, place);
    return { recipe, place };
  },
  run: async ({ options, signal, say, progress, line, emit }, { recipe, place }) => {
    const begun = performance.now();
    progress(
      "Four specialists, each good at one kind of image, become one student, without labels.",
    );
    const { summary, evaluation, report } = await runRecipe(recipe, {
      ...place,
      signal,
      line,
      evaluationLimit: options.short ? shortImages : undefined,
    });
    if (evaluation !== undefined) {
      say(
        `\n${comparisonText(evaluation.rows, evaluation.means)}\n\n${
          costText(evaluationCosts(evaluation))
        }`,
      );
      emit(evaluation);
    }
    say(
      `\n${summary.images} images in ${duration(summary.seconds)} of training, ` +
        `${duration((performance.now() - begun) / 1000)} in all, on ${coresText()}` +
        (summary.account === undefined ? "" : `\n${accountText(summary.account)}`) +
        `\nreport: ${report}`,
    );
  },
});

/** What the report of a short demo says of itself. */
const shortDescription = "A short demo: 30 steps instead of " +
  `${demoRecipe.optimization.steps}, and at most ${shortImages} images of each task. It shows that everything ` +
  "works; its numbers say nothing about the method. The whole demo: deno task demo.";

/** An unfinished demo is resumed; a finished one is kept, and the next free folder taken. */
async function folderFor(
  path: string | undefined,
  name: string,
): Promise<{ folder: string; resume: boolean }> {
  const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  for (let i = 1;; i++) {
    const folder = path ?? (i === 1 ? `runs/${name}` : `runs/${name}-${i}`);
    const { recipe, result } = runPaths(folder);
    const begun = await exists(recipe);
    const finished = await exists(result);
    if (path !== undefined || !finished) return { folder, resume: begun && !finished };
  }
}
