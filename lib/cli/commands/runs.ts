/** `runs`: what lies in the folder of runs. */
import { readEvaluation } from "../../evaluation/results.ts";
import { ageText, sizeText } from "../../io/folder_size.ts";
import type { Verdict } from "../../metrics/comparison/evaluation_row.ts";
import { outcomes, outcomeVerbs } from "../../report/tables/metric_title.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { type ListedRun, listRuns } from "../../runs/list_runs.ts";
import { defineCommand } from "../command.ts";
import { resumeLine } from "./stopped_run.ts";

/** How often a student wins, ties and loses against the best teacher of each set. */
type Counts = { readonly [O in Verdict["outcome"]]: number };

/** The command, as a value. */
export const runs = defineCommand({
  name: "runs",
  group: "distil",
  summary: "Lists runs: state, step, loss, verdict, size and age",
  details:
    "A verdict counts the sets on which the student wins, ties and loses against the best teacher.",
  example: "runs --json",
  positionals: ["[FOLDER]"],
  run: async ({ positionals, say, progress, emit }) => {
    const folder = positionals[0]?.replace(/(?<=.)[/\\]+$/, "") ?? "runs";
    const isDefault = positionals.length === 0;
    if (isDefault && !await Deno.stat(folder).then(() => true, () => false)) {
      return nothing(folder, { say, emit });
    }
    const found = await listRuns(folder, { onSkip: progress });
    if (found.length === 0) return nothing(folder, { say, emit });
    const verdicts = await Promise.all(found.map(({ paths }) => verdictOf(paths.folder)));
    say(table(found, verdicts));
    const stopped = found.find(({ state }) => state === "stopped");
    if (stopped !== undefined) {
      say(`\ngo on with a stopped run: ${resumeLine(stopped.paths.folder)}`);
    }
    emit(found.map((run, i) => rowOf(run, verdicts[i])));
  },
});

function nothing(
  folder: string,
  { say, emit }: { say: (line: string) => void; emit: (value: unknown) => void },
): void {
  say(`no runs in ${folder}; begin one with the command demo, or distill RECIPE`);
  emit([]);
}

/** Undefined where the run was not evaluated; the reason where its file cannot be read. */
async function verdictOf(folder: string): Promise<Counts | string | undefined> {
  try {
    const verdicts = (await readEvaluation(folder))?.rows.flatMap(({ verdict }) => verdict ?? []);
    if (verdicts === undefined || verdicts.length === 0) return undefined;
    const count = (of: Verdict["outcome"]) =>
      verdicts.filter(({ outcome }) => outcome === of).length;
    return { win: count("win"), tie: count("tie"), loss: count("loss") };
  } catch {
    return "unreadable";
  }
}

function table(found: readonly ListedRun[], verdicts: readonly (Counts | string | undefined)[]) {
  const now = Date.now();
  const rows = found.map((run, i) => [
    run.paths.folder,
    stateText(run),
    run.loss === undefined ? "" : run.loss.toFixed(4),
    verdictText(verdicts[i]),
    sizeText(run.bytes),
    ageText(now - run.written),
  ]);
  return textTable(["run", "state", "loss", "verdict", "size", "age"], rows, [0, 1, 3]);
}

function stateText({ state, stage, step = 0, steps }: ListedRun): string {
  const inStage = stage === undefined ? "" : `, stage ${stage}`;
  if (state === "finished") return `finished, ${step} steps${inStage}`;
  const of = steps === undefined ? "" : ` of ${steps}`;
  return (state === "running" ? `running, step ${step}${of}` : `stopped at ${step}${of}`) + inStage;
}

function verdictText(verdict: Counts | string | undefined): string {
  if (verdict === undefined || typeof verdict === "string") return verdict ?? "";
  return outcomes.map((outcome) => `${outcomeVerbs[outcome]} ${verdict[outcome]}`).join(", ");
}

function rowOf(run: ListedRun, verdict: Counts | string | undefined) {
  const { paths, state, stage, step = 0, steps = null, loss = null, bytes, written } = run;
  return {
    ...{ run: paths.folder, state, ...stage && { stage }, step, steps, loss, bytes },
    changed: new Date(written).toISOString(),
    verdict: verdict ?? null,
  };
}
