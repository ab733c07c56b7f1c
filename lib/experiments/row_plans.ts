/** Plans of rows with a budget of minutes: kept beside the results, so that all seeds take as many steps, anywhere. */
import { dirname } from "node:path";
import { z } from "zod";
import { whileLocked } from "../io/file_lock.ts";
import { jsonArtifact } from "../io/json_artifact.ts";
import { portablePlan, type RunPlan, runPlanSchema } from "../runs/run_plan.ts";
import type { ExperimentRow } from "./experiment.ts";
import { trainingDigest } from "./results.ts";

/** The plan of a row, and where it was measured. */
export interface RowPlan {
  /** Name of the experiment for which it was measured. */
  readonly experiment: string;
  /** Name of the row. */
  readonly row: string;
  /** What the row trains, see {@linkcode trainingDigest}. Rows that train the same share a plan. */
  readonly training: string;
  /** ISO date of the measurement. */
  readonly date: string;
  /** Processor and cores of the machine. */
  readonly machine: string;
  readonly plan: RunPlan;
}

const artifact = jsonArtifact<readonly RowPlan[]>({
  noun: "plans of rows",
  schema: z.array(z.object({
    experiment: z.string(),
    row: z.string(),
    training: z.string(),
    date: z.string(),
    machine: z.string(),
    plan: runPlanSchema,
  })),
  maximumBytes: 1_000_000,
  advice: "Remove it, and rows with a budget are planned again",
});

/** The file of plans in a folder of results. */
export function plansPath(folder: string): string {
  return `${folder}/plans.json`;
}

/**
 * The plan of a row; undefined where none is kept for what it trains now.
 *
 * @throws {UserError} where the file is something else
 *
 * @example
 * ```ts
 * import { readRowPlan } from "./row_plans.ts";
 * const row = { name: "pixels", model: "pixels" };
 * if (await readRowPlan("absent/plans.json", row) !== undefined) throw new Error("There is no file");
 * ```
 */
export async function readRowPlan(path: string, row: ExperimentRow): Promise<RunPlan | undefined> {
  const digest = trainingDigest(row);
  return (await artifact.read(path) ?? []).find(({ training }) => training === digest)?.plan;
}

/**
 * Keeps a plan, unless one is there for what the row trains: of several processes the first counts. Older plans of the
 * row, of a recipe that has changed, go.
 *
 * @throws {UserError} where the file is something else, or cannot be written
 */
export async function addRowPlan(path: string, added: RowPlan): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await whileLocked(path, async () => {
    const plans = await artifact.read(path) ?? [];
    if (plans.some(({ training }) => training === added.training)) return;
    const isOlder = ({ experiment, row }: RowPlan) =>
      experiment === added.experiment && row === added.row;
    const all = [...plans.filter((one) => !isOlder(one)), {
      ...added,
      plan: portablePlan(added.plan),
    }];
    const name = ({ experiment, row }: RowPlan) => `${experiment} ${row}`;
    await artifact.write(path, all.toSorted((a, b) => name(a) < name(b) ? -1 : 1));
  });
}

/**
 * Takes over the plans of some experiments from another file, where none is kept yet.
 *
 * @throws {UserError} where a file is something else, or cannot be written
 */
export async function mergeRowPlans(
  path: string,
  { from, experiments }: { readonly from: string; readonly experiments: readonly string[] },
): Promise<void> {
  for (const plan of await artifact.read(from) ?? []) {
    if (experiments.includes(plan.experiment)) await addRowPlan(path, plan);
  }
}
