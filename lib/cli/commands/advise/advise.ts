/** `advise --images FOLDER`: whether to distil, from whom, how, and for how long. */
import { advise as adviseFrom } from "../../../advice/advise.ts";
import { advisedRecipe } from "../../../advice/advised_recipe.ts";
import { measureAdvice } from "../../../advice/measure.ts";
import { pastRuns } from "../../../advice/past/past_runs.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { recipeSource } from "../../../recipe/recipe_source.ts";
import { adviceLines } from "../../../report/advice/advice_text.ts";
import { commandLine } from "../../../runs/run_origin.ts";
import { defineCommand } from "../../command.ts";
import { programName } from "../../program.ts";
import { machine, processorName, today } from "../../recording.ts";
import { adviseOptions, readAdviseRequest } from "./advise_request.ts";

/** Exit status where distilling is not worth it: scripts tell it from mistakes (2) and failures (1). */
const notWorthIt = 3;

/** The command, as a value. */
export const advise = defineCommand({
  name: "advise",
  group: "distil",
  summary: "Measures for two minutes whether to distil, from whom, how and for how long",
  details:
    "It times the teachers and the student's step, compares what the teachers say of your images, counts\n" +
    "near-duplicates and measures the disk. What students like yours became is read from runs on record, and said\n" +
    "apart from what was measured. Labels are not used, so what the teachers know of your task stays open:\n" +
    "select --data and evaluate tell that.\n\n" +
    "Exit status: 0 distil, 3 not worth it.",
  example: "--images photos --minutes 10 --recipe advised.ts",
  options: adviseOptions,
  check: ({ options }) => readAdviseRequest(options),
  run: async ({ say, emit, progress, work }, { request, measured, recipe: path }) => {
    const { facts, recipe } = await measureAdvice(request, {
      ...measured,
      ...{ onWork: work, now: () => performance.now(), load: () => Deno.loadavg()[0] },
    });
    const advice = adviseFrom(facts, request, pastRuns);
    const lines = adviceLines(advice, facts, {
      target: request.target,
      cores: navigator.hardwareConcurrency,
    });
    lines.forEach(say);
    if (path !== undefined && advice.isWorthIt) {
      const comment = [
        ...lines.filter((line) => line !== ""),
        "",
        `Advised by: ${commandLine()}`,
        `Run it:     ${programName()} distill ${path} --run FOLDER`,
      ];
      await writeFileAtomic(path, recipeSource(advisedRecipe(recipe, advice), comment));
      progress(`recipe: ${path}`);
    } else if (path !== undefined) {
      progress("no recipe: distilling is not worth it");
    }
    emit({ ...advice, facts, date: today(), machine: `${processorName()}, ${machine()}` });
    return advice.isWorthIt ? 0 : notWorthIt;
  },
});
