/** An update beside a run from scratch, for people. */
import { spreadOf } from "../../metrics/comparison/increment.ts";
import { machineText, signed } from "../../report/format.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { type UpdateBench, updateModels } from "./bench_update.ts";

/** Points of a run from scratch that an update may be behind on new images, and that an old task may lose. */
const goal = { behind: 2, loses: 1, share: 0.2 } as const;

/** Means over the seeds, differences, seconds, and whether the goal is reached. */
export function updateBenchTable(bench: UpdateBench): string[] {
  const { setting, oldTasks, newTask, seconds, machine } = bench;
  const meanSeconds = (model: typeof updateModels[number]) =>
    seconds.reduce((sum, one) => sum + one[model], 0) / seconds.length;
  const share = meanSeconds("update") / meanSeconds("scratch");
  const lines = [...oldTasks, newTask].flatMap((task) =>
    ["knn", "logistic"].map((metric) => {
      const values = (model: string) =>
        bench.rows.filter((row) =>
          row.model === model && row.task === task && isMetric(row.metric, metric)
        )
          .map(({ value }) => value);
      const [before, after, scratch] = updateModels.map(values);
      const difference = (others: readonly number[]) =>
        after!.reduce((sum, value, i) => sum + value - others[i]!, 0) / after!.length;
      return {
        task,
        metric,
        means: [before, after, scratch].map((list) => spreadOf(list!)),
        ...{
          change: difference(before!),
          beside: difference(scratch!),
        },
      };
    })
  );
  const behind = lines.filter(({ task }) => task === newTask)
    .every(({ beside }) => beside >= -goal.behind);
  const kept = lines.filter(({ task }) => task !== newTask)
    .every(({ change }) => change >= -goal.loses);
  return [
    `${
      oldTasks.join(" and ")
    } first, ${newTask} later, ${setting.images} images of each; ${setting.oldSteps} steps, ` +
    `then an update of ${setting.updateSteps}`,
    `with ${setting.rehearsePercent} % of old images; from scratch ${setting.scratchSteps}; ` +
    `${setting.seeds} seeds, mean ± deviation in percent`,
    "",
    ...textTable(
      ["task", "metric", "old run", "update", "from scratch", "update − old", "update − scratch"],
      lines.map(({ task, metric, means, change, beside }) => [
        ...[task, metric],
        ...means.map(({ mean, deviation }) => `${mean.toFixed(1)} ± ${deviation.toFixed(1)}`),
        ...[signed(change), signed(beside)],
      ]),
      [0, 1],
    ).split("\n"),
    "",
    `seconds of training: old run ${meanSeconds("old").toFixed(0)}, update ${
      meanSeconds("update").toFixed(0)
    }, from scratch ${meanSeconds("scratch").toFixed(0)}: the update takes ${
      (100 * share).toFixed(0)
    } %`,
    `new images within ${goal.behind} points of a run from scratch: ${yes(behind)}`,
    `no old task loses more than ${goal.loses} point: ${yes(kept)}`,
    `a fifth of its time: ${yes(share <= goal.share)}`,
    "",
    machineText(machine),
  ];
}

function isMetric(name: string, metric: string): boolean {
  return name.toLowerCase().replace("-", "").startsWith(metric);
}

function yes(reached: boolean): string {
  return reached ? "reached" : "not reached";
}
