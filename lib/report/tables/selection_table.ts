/** A choice of teachers as tables: the order with what each adds and costs, and what simple rules would choose. */
import type { Selection } from "../../evaluation/selection/selection.ts";
import { decimals, millions, signed, significant } from "../format.ts";
import { textTable } from "./text_table.ts";

/** Titles of the columns of {@linkcode stepCells}. */
export function stepHeader({ by }: Pick<Selection, "by">): string[] {
  return [
    "teacher",
    "taken",
    "adds, points",
    "95 % interval",
    by === "labels" ? "together, %" : "represent, %",
    "alone, %",
    "lost without it",
    "parameters",
    "ms/image",
  ];
}

/** A line for each teacher, in the order in which each adds most; those beyond the budget come last. */
export function stepCells(selection: Selection): string[][] {
  const { teachers, steps, chosen, losses } = selection;
  const added = steps.map((step) => step.added);
  const beyond = [...teachers.keys()].filter((place) => !added.includes(place));
  const ends = (place: number) => {
    const { name, alone, parameters, milliseconds } = teachers[place]!;
    const loss = losses.find(({ without }) => without === place);
    return {
      name,
      numbers: [
        alone.toFixed(1),
        loss === undefined ? "" : `${signed(-loss.difference)} (${loss.share.toFixed(1)} %)`,
        millions(parameters),
        significant(milliseconds),
      ],
    };
  };
  return [
    ...steps.map(({ added: place, gain, accuracy }) => {
      const { name, numbers } = ends(place);
      const interval = gain === null ? "" : `${signed(gain.low)} to ${signed(gain.high)}`;
      const taken = chosen.members.includes(place) ? "yes" : "no";
      const points = gain === null ? "" : signed(gain.difference);
      return [name, taken, points, interval, decimals(accuracy, 1), ...numbers];
    }),
    ...beyond.map((place) => {
      const { name, numbers } = ends(place);
      return [name, "over budget", "", "", "", ...numbers];
    }),
  ];
}

/** Titles of the columns of {@linkcode ruleCells}. */
export function ruleHeader({ by, unit }: Pick<Selection, "by" | "unit">): string[] {
  return ["rule", by === "labels" ? "together, %" : "represent, %", costTitle(unit), "teachers"];
}

/** The choice, and what each simple rule would choose. */
export function ruleCells({ teachers, chosen, rules }: Selection): string[][] {
  const line = (
    rule: string,
    { members, accuracy, cost }: Pick<Selection["rules"][number], "members" | "accuracy" | "cost">,
  ) => [
    rule,
    accuracy.toFixed(1),
    significant(cost),
    members === null ? "" : members.map((place) => teachers[place]!.name).join(", "),
  ];
  return [line("this choice", chosen), ...rules.map((row) => line(row.rule, row))];
}

function costTitle(unit: Selection["unit"]): string {
  return unit === "ms" ? "ms/image" : "parameters, M";
}

/** The choice in sentences: whom to take, why no more, and what the last one adds and costs. */
export function selectionSentences(selection: Selection): string[] {
  const { teachers, steps, chosen, stop, unit, by, tasks, images } = selection;
  const name = (place: number) => teachers[place]!.name;
  const last = steps[chosen.members.length - 1]!, next = steps[chosen.members.length];
  const priced = (place: number) =>
    unit === "ms"
      ? `${significant(teachers[place]!.milliseconds)} ms an image`
      : `${millions(teachers[place]!.parameters)} parameters`;
  const measured = by === "labels"
    ? `${chosen.accuracy.toFixed(1)} % by the probe on ${tasks.map((one) => one.name).join(", ")}`
    : `${chosen.accuracy.toFixed(1)} % of what all teachers say of ${images.name}`;
  return [
    `Take ${chosen.members.map(name).join(", then ")}: ${measured}.`,
    ...last.gain === null ? [] : [
      `The last, ${name(last.added)}, adds ${signed(last.gain.difference)} points ` +
      `(${signed(last.gain.low)} to ${signed(last.gain.high)}) and costs ${priced(last.added)}.`,
    ],
    stop === "all" || next === undefined
      ? stop === "budget"
        ? "Nothing more is within the budget."
        : "Each of the teachers adds something."
      : `Stopped there: ${name(next.added)} would add ${
        signed(next.gain!.difference)
      } points, which may be ` +
        `nothing (${signed(next.gain!.low)} to ${signed(next.gain!.high)}).`,
  ];
}

/** All of it, for a terminal. */
export function selectionText(selection: Selection): string {
  return [
    textTable(stepHeader(selection), stepCells(selection), [0, 1]),
    textTable(ruleHeader(selection), ruleCells(selection), [0, 3]),
    selectionSentences(selection).join("\n"),
  ].join("\n\n");
}
