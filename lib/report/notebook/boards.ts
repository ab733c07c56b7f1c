/** What notebooks show of teachers, of a step and of a run that goes on. */
import { duration } from "../../io/duration.ts";
import type { StepReport } from "../../runs/step_report.ts";
import type { ZooEntry } from "../../teachers/zoo/manifest.ts";
import { millions, percent } from "../format.ts";
import type { Figure, FigureOptions } from "../figures/figure.ts";
import { lossFigure } from "../figures/loss_figure.ts";
import { lightTheme } from "../figures/theme.ts";
import { jupyterDisplay, notebookFigure, notebookTable, type NotebookView } from "./view.ts";

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

/**
 * A run so far: the curves of its losses, and above them step, loss and time left. For a {@linkcode liveView}; where
 * plotly's figures are not shown, the table of the last step stands in for them while the run goes on.
 *
 * @param reports Every step so far.
 *
 * @example
 * ```ts ignore
 * const reports: StepReport[] = [];
 * const live = liveView("run");
 * for await (const report of distill(recipe)) {
 *   reports.push(report);
 *   await live.update(() => runBoard(reports));
 * }
 * await live.end(() => runBoard(reports));
 * ```
 */
export function runBoard(
  reports: readonly StepReport[],
  options: Pick<FigureOptions, "models"> = {},
): NotebookView {
  const last = reports.at(-1);
  const figure = runFigure(reports, options);
  const view = notebookFigure(figure, last === undefined ? "no step yet" : runStatus(last));
  return {
    [jupyterDisplay]: async ({ live = false } = {}) => ({
      ...await view[jupyterDisplay]({ live }),
      ...live && last
        ? { "text/html": (await stepBoard(last)[jupyterDisplay]())["text/html"] }
        : {},
    }),
  };
}

/** The curves of a run under its status, which is the title of their legend. */
export function runFigure(
  reports: readonly StepReport[],
  options: Pick<FigureOptions, "models"> = {},
): Figure {
  const last = reports.at(-1);
  const { data, layout } = lossFigure(thinned(reports), options);
  if (last === undefined) return { data, layout };
  const status = runStatus(last);
  const title = { text: status, side: "top", font: { size: 14, color: lightTheme.ink } };
  const height = Number(layout.height) + 24;
  const legend = { ...layout.legend as Record<string, unknown>, title };
  return { data, layout: { ...layout, height, legend } };
}

/** "step 60 of 120 · loss 0.641 · 10 s left". */
function runStatus({ step, steps, loss, secondsLeft, seconds }: StepReport): string {
  const left = step >= steps
    ? `done in ${duration(seconds)}`
    : Number.isFinite(secondsLeft)
    ? `${duration(secondsLeft)} left`
    : "";
  const parts = [`step ${step} of ${steps}`, `loss ${loss.toFixed(3)}`, left];
  return parts.filter((part) => part !== "").join(" · ");
}

/** At most some hundreds of the reports, the last among them: drawing takes as long after a million steps. */
function thinned(reports: readonly StepReport[]): StepReport[] {
  const every = Math.ceil(reports.length / 800);
  return reports.filter((_, i) => (reports.length - 1 - i) % every === 0);
}
