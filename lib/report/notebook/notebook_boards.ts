/** What a notebook shows of teachers, and of a step. */
import { duration } from "../../tracking/progress.ts";
import type { StepReport } from "../../runs/step_report.ts";
import type { ZooEntry } from "../../teachers/zoo/manifest.ts";
import { notebookTable, type NotebookView } from "./jupyter.ts";

/**
 * A line for each teacher: what it knows, how large it is, and under which licence.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, teacherBoard, zoo } from "@hashigo/hashigo";
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
      `${(parameters / 1e6).toFixed(2)} M`,
      licence,
    ]),
  );
}

/**
 * A step of a run: a line for each teacher with its losses and its share, and how far the run has come.
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
        `${(100 * (shares[teacher] ?? 0)).toFixed(0)} %`,
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
