/** Tables that notebooks show of teachers and of a step. */
import { duration } from "../../io/duration.ts";
import type { StepReport } from "../../runs/step_report.ts";
import type { ZooEntry } from "../../teachers/zoo/manifest.ts";
import { millions, percent } from "../format.ts";
import { notebookTable, type NotebookView } from "./view.ts";

/**
 * A table with a line for each teacher: what it was trained on, its size and its licence.
 *
 * @example
 * ```ts
 * import { zoo } from "@hashigo/hashigo/teachers";
 * import { jupyterDisplay, teacherBoard } from "@hashigo/hashigo/notebook";
 * const shown = await teacherBoard(zoo)[jupyterDisplay]();
 * if (!shown["text/plain"].includes("resnet20_cifar10")) throw new Error("Every teacher");
 * ```
 */
export function teacherBoard(
  teachers: readonly Pick<
    ZooEntry,
    "name" | "description" | "width" | "stride" | "parameters" | "licence"
  >[],
): NotebookView {
  return notebookTable(
    ["teacher", "knows", "width", "patch, px", "parameters", "licence"],
    teachers.map(({ name, description, width, stride, parameters, licence }) => [
      name,
      description,
      String(width),
      String(stride),
      millions(parameters),
      licence,
    ]),
  );
}

/**
 * A table of one step: a line for each teacher with its losses and its share of the loss, and the time left.
 *
 * @example
 * ```ts ignore
 * const live = liveView("step");
 * for await (const report of distill(recipe)) await live.update(() => stepBoard(report));
 * ```
 */
export function stepBoard(report: StepReport): NotebookView {
  const { step, steps, loss, losses, shares, learningRate, imagesPerSecond, secondsLeft } = report;
  const number = (value: number | undefined) => value?.toFixed(3) ?? "";
  return notebookTable(
    [`step ${step} of ${steps}`, "CLS loss", "patch loss", "loss", "share"],
    [
      ...Object.entries(losses).map(([teacher, { cls, patch, total }]) => [
        teacher,
        number(cls),
        number(patch),
        number(total),
        percent(shares[teacher] ?? 0),
      ]),
      [
        `learning rate ${learningRate.toPrecision(2)}, ${imagesPerSecond.toFixed(0)} images/s, ` +
        `${duration(secondsLeft)} left`,
        "",
        "",
        number(loss),
        "",
      ],
    ],
  );
}
