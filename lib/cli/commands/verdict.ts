/** `verdict RECIPE --baseline RECIPE`: go, no-go or inconclusive, by a threshold that is given before. */
import { budgetOf, budgetText } from "../../experiments/budget_of.ts";
import {
  type Decision,
  judgeRecipes,
  metricTitle,
  type RecipeVerdict,
  type VerdictQuestion,
} from "../../experiments/verdict.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { defineCommand } from "../command.ts";
import { machine, processorName, today } from "../recording.ts";
import { readVerdict, verdictOptions } from "./verdict_request.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Exit status by decision: scripts tell them apart from mistakes (2) and failures (1). */
const statuses: { readonly [D in Decision]: number } = { go: 0, "no-go": 3, inconclusive: 4 };

/** The command, as a value. */
export const verdict = defineCommand({
  name: "verdict",
  group: "measure",
  summary: "Trains a recipe and its baselines with several seeds: go, no-go or inconclusive",
  details:
    "All are trained with the same seeds for equal budgets and measured on the same test images. The\n" +
    "95 % interval of the gain in the mean over the tasks draws images and seeds again: go where all of\n" +
    "it lies above the threshold, no-go where all of it lies below; of several baselines, go beside all.\n" +
    "Finished runs are kept, stopped ones resumed by the same command.\n\n" +
    "Exit status: 0 go, 3 no-go, 4 inconclusive.",
  example: "recipes/tiny_stages.ts --baseline recipes/tiny_test.ts --threshold 1",
  positionals: ["RECIPE"],
  interrupt: "signal",
  options: verdictOptions,
  check: async ({ positionals: [path], options }) => await readVerdict(path!, options),
  run: async ({ signal, say, progress, work, emit }, { question, folder }) => {
    await Deno.mkdir(folder, { recursive: true });
    for (const recipe of question.recipes) {
      progress(
        `${recipe.name}: ${
          budgetText(budgetOf(recipe))
        } with each of ${question.seeds.length} seeds`,
      );
    }
    const result = await judgeRecipes(question, {
      ...{ folder, signal, onWork: work, onNote: progress },
    });
    if (result === undefined) {
      say(`stopped; the same command goes on in ${folder}`);
      return;
    }
    const { recipes, seeds, tasks, metric, threshold } = question;
    const answer = {
      ...{ decision: result.decision, threshold, metric, tasks, seeds },
      recipes: recipes.map(({ name }) => name),
      ...{ against: result.against, runs: result.runs },
      ...{ date: today(), machine: `${processorName()}, ${machine()}` },
    };
    await writeFileAtomic(`${folder}/verdict.json`, JSON.stringify(answer, null, 2) + "\n");
    verdictLines(question, result).forEach(say);
    say(`\nkept in ${folder}/verdict.json`);
    emit(answer);
    return statuses[result.decision];
  },
});

/** The answer for people: every run, every interval, the decision. */
export function verdictLines(question: VerdictQuestion, result: RecipeVerdict): string[] {
  const { recipes, seeds, tasks, threshold } = question;
  const rows = recipes.map(({ name }) => {
    const runs = result.runs.filter(({ recipe }) => recipe === name);
    const means = runs.map(({ mean }) => mean);
    const minutes = runs.map(({ minutes }) => minutes);
    return [name, ...means.map(one), one(meanOf(means)), one(meanOf(minutes))];
  });
  const header = ["recipe", ...seeds.map((seed) => `seed ${seed}`), "mean", "minutes"];
  return [
    `\n${metricTitle(question)} in %, mean over ${tasks.join(", ")}\n`,
    textTable(header, rows),
    "",
    ...result.against.map(({ baseline, difference, low, high, decision }) =>
      `${recipes[0]!.name} against ${baseline}: ${signed(difference)} points, 95 % from ${
        signed(low)
      } to ` +
      `${signed(high)}; threshold ${threshold}: ${decision}`
    ),
    ...unequalMinutes(question, result),
    `verdict: ${result.decision}`,
  ];
}

/** Share by which minutes may differ before it is said. */
const toleratedShare = 0.1;

/** Equal steps may cost unequal minutes. */
function unequalMinutes({ recipes }: VerdictQuestion, { runs }: RecipeVerdict): string[] {
  const minutes = recipes.map(({ name }) =>
    meanOf(runs.filter(({ recipe }) => recipe === name).map(({ minutes }) => minutes))
  );
  return recipes.slice(1).flatMap(({ name }, i) => {
    const share = minutes[0]! / minutes[i + 1]! - 1;
    if (!(Math.abs(share) > toleratedShare)) return [];
    return [
      `warning: ${recipes[0]!.name} trained ${Math.abs(100 * share).toFixed(0)} % ` +
      `${
        share > 0 ? "longer" : "shorter"
      } than ${name}; budget.minutes in both would make them equal`,
    ];
  });
}

function one(value: number): string {
  return value.toFixed(1);
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}
