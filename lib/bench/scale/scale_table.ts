/** The tables of {@linkcode ScaleBench}. */
import { byteSize } from "../../io/memory.ts";
import { textTable } from "../../report/tables/text_table.ts";
import type { StepCost } from "../../training/scale/step_cost.ts";
import type { ScaleBench, ScaleColumn } from "./bench_scale.ts";
import type { Check } from "./checks.ts";

/** Lines for people: what each of N cards does, seconds by card, and the comparison. */
export function scaleTable(bench: ScaleBench): string[] {
  const { setting, parameters, cards } = bench;
  const { width, depth, patchSize, imageSize, teachers, batch, images, epochs } = setting;
  return [
    `student and ${teachers} teachers of width ${width} and depth ${depth}, patches of ${patchSize} of ` +
    `${imageSize} px, ladder on all blocks`,
    `N cards share B images of an update (${batch}; in the last column ${setting.atOnce} for each card), at ` +
    `most ${setting.atOnce} at once;`,
    `${images.toLocaleString("en-US")} images, ${epochs} epochs; P = ${
      (parameters / 1e6).toFixed(1)
    } M parameters, all in float32`,
    "",
    table("each of N cards", bench, [...workRows, ...byteRows]),
    ...Object.entries(cards).flatMap(([name, { name: title, memory, link, ...card }]) => [
      "",
      `${title}: ${(card.peak / 1e12).toFixed(0)} TFLOP/s at most, of which ${
        (100 * card.reached).toFixed(0)
      } % are reached; ${byteSize(memory)} at ${(card.memoryBandwidth / 1e12).toFixed(2)} TB/s,`,
      `${(link.within / 1e9).toFixed(0)} GB/s to cards of its node of ${link.node}, ${
        (link.between / 1e9).toFixed(0)
      } GB/s to others, ${card.watts} W`,
      table("seconds of a step", bench, secondRows(name)),
    ]),
    ...bench.checks.length === 0 ? [] : ["", checkTable(bench)],
  ];
}

/** A line: its name, the text of a column, its formula. */
type Row = readonly [name: string, text: (column: ScaleColumn) => string, formula: string];

function table(title: string, { columns, setting }: ScaleBench, rows: readonly Row[]): string {
  const header = columns.map(({ batch, costs }) => {
    const { devices } = anyCard(costs).step;
    return batch === setting.batch ? `${devices}` : `${devices} × ${setting.atOnce}`;
  });
  return textTable(
    [title, ...header, "formula"],
    rows.map(([name, text, formula]) => [name, ...columns.map(text), formula]),
    [0, 1 + columns.length],
  );
}

/** Operations and bytes are the same of all cards. */
function anyCard(costs: ScaleColumn["costs"]) {
  return Object.values(costs)[0]!;
}

const teraflop = (of: (step: StepCost) => number) => ({ costs }: ScaleColumn) =>
  (of(anyCard(costs).step) / 1e12).toFixed(2);
const bytes = (of: (step: StepCost) => number) => ({ costs }: ScaleColumn) =>
  byteSize(of(anyCard(costs).step));
const total = (parts: { readonly [name: string]: number }) =>
  Object.values(parts).reduce((sum, part) => sum + part, 0);

const workRows: readonly Row[] = [
  ["images of a step", ({ accumulate, costs }) => {
    const { images } = anyCard(costs).step;
    return accumulate === 1 ? `${images}` : `${accumulate}·${images / accumulate}`;
  }, "B / N, in parts"],
  [
    "TFLOP: teachers",
    teraflop((step) => step.operations.teachers),
    "forward, of each teacher: B/N · 2 · (matrices · tokens + D · 2 W T²)",
  ],
  ["student", teraflop((step) => step.operations.encoder), "the same, of the encoder"],
  ["projectors", teraflop((step) => step.operations.projectors), "B/N · 2 · matrices · tokens"],
  ["gradient", teraflop((step) => step.operations.gradient), "2 · (student + projectors)"],
  [
    "recomputed",
    ({ recomputed }) => (recomputed.operations.again / 1e12).toFixed(2),
    "student + projectors, where it is asked for",
  ],
  ["in all", teraflop((step) => total(step.operations)), "without recomputation"],
];

const byteRows: readonly Row[] = [
  ["memory: parameters", bytes((step) => step.memory.parameters), "4 P"],
  ["moments", bytes((step) => step.memory.moments), "8 P"],
  ["moments, sharded", ({ sharded }) => byteSize(anyCard(sharded).step.memory.moments), "8 P / N"],
  ["gradient", bytes((step) => step.memory.gradient), "8 P, in parts 12 P"],
  ["teachers", bytes((step) => step.memory.teachers), "4 · their parameters"],
  [
    "activations",
    bytes((step) => step.memory.activations),
    "4 · images at once · numbers that wait for the gradient",
  ],
  [
    "recomputed",
    ({ recomputed }) => byteSize(recomputed.memory.activations),
    "the same, where blocks and heads are computed twice",
  ],
  [
    "targets",
    bytes((step) => step.memory.targets),
    "2 · 4 · B/N · tokens · widths, this batch's and the next one's",
  ],
  ["in all", bytes((step) => total(step.memory)), "neither sharded nor recomputed"],
  ["both", ({ sharded, recomputed }) =>
    byteSize(
      total({ ...recomputed.memory, moments: anyCard(sharded).step.memory.moments }),
    ), "sharded and recomputed"],
  ["sent for the sum", bytes((step) => step.traffic.sum), "2 (N − 1) / N · 4 P"],
  ["moved for the update", bytes((step) => step.traffic.update), "7 · 4 P, sharded / N"],
  ["read from disk", bytes((step) => step.traffic.disk), "B/N · 3 · canvas²"],
];

function secondRows(card: string): Row[] {
  const seconds = (of: (step: StepCost) => number) => ({ costs }: ScaleColumn) =>
    shown(of(costs[card]!.step));
  const hours = (value: number) => value >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return [
    ["products", seconds((step) => step.seconds.products), "FLOP / (most · share)"],
    ["update", seconds((step) => step.seconds.update), "bytes moved / memory's rate"],
    ["sum", seconds((step) => step.seconds.sum), "bytes sent / link's rate + 2 (N − 1) · latency"],
    ["reading, beside them", seconds((step) => step.seconds.reading), "bytes read / disk's rate"],
    ["step", seconds((step) => step.seconds.step), "products + update + sum, or reading if longer"],
    ["step, sharded", ({ sharded }) => shown(sharded[card]!.step.seconds.step), "the update / N"],
    [
      "sum as measured here",
      ({ measuredSum }) => measuredSum === undefined ? "–" : shown(measuredSum),
      "over gRPC between two processes, see below",
    ],
    ["images/s", ({ costs }) => costs[card]!.run.imagesPerSecond.toFixed(0), "B / step"],
    [
      "hours of the run",
      ({ costs }) => hours(costs[card]!.run.hours),
      "epochs · floor(images / B) · step",
    ],
    ["card-hours", ({ costs }) => hours(costs[card]!.run.deviceHours), "N · hours"],
    [
      "kWh of the cards",
      ({ costs }) => hours(costs[card]!.run.kilowattHours),
      "card-hours · watts",
    ],
  ];
}

/** Seconds with three digits. */
function shown(seconds: number): string {
  if (seconds === 0) return "0";
  return seconds >= 100 ? seconds.toFixed(0) : seconds.toPrecision(3);
}

function checkTable({ checks, checkedOn }: ScaleBench): string {
  const amount = (unit: Check["unit"], value: number) =>
    unit === "bytes"
      ? byteSize(value)
      : unit === "s"
      ? `${shown(value)} s`
      : `${value.toFixed(1)} GFLOP`;
  return textTable(
    [`checked on ${checkedOn}`, "reckoned", "measured", "ratio"],
    checks.map(({ what, unit, reckoned, measured }) => [
      what,
      amount(unit, reckoned),
      amount(unit, measured),
      (measured / reckoned).toFixed(2),
    ]),
  );
}
