/** What fewer bits cost, for people. */
import { machineText, signed, significant } from "../../report/format.ts";
import { textTable } from "../../report/tables/text_table.ts";
import type { RoundingBench } from "./bench_rounding.ts";

/** A row for each number of bits. */
export function roundingTable({ setting, student, files, machine }: RoundingBench): string[] {
  const [whole] = files;
  const tasks = whole!.tasks.map(({ task }) => task);
  return [
    `${student}: k-NN accuracy of its files in percent, at most ${setting.limit} images of each part of a task;`,
    "turned: one less the mean cosine of features around their mean, on images that calibrated nothing",
    "",
    ...textTable(
      ["bits", "turned", "k-NN mean", "difference", ...tasks],
      files.map(({ bits, turned, accuracy, tasks }) => [
        ...[
          `${bits}`,
          significant(turned),
          accuracy.toFixed(1),
          signed(accuracy - whole!.accuracy),
        ],
        ...tasks.map((task) => task.accuracy.toFixed(1)),
      ]),
      [],
    ).split("\n"),
    "",
    machineText(machine),
  ];
}
