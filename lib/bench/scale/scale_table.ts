/** The tables of {@linkcode ScaleBench}. */
import { byteSize } from "../../io/memory.ts";
import { textTable } from "../../report/tables/text_table.ts";
import type { Device } from "../../training/scale/devices.ts";
import type { StepCost } from "../../training/scale/step_cost.ts";
import type { ScaleBench, ScaleColumn } from "./bench_scale.ts";
import type { Check } from "./checks.ts";

/** Lines for people: what each of N cards does, seconds by card, and the comparison with what was measured. */
export function scaleTable(bench: ScaleBench): string[] {
  const { setting, parameters, machines } = bench;
  const { width, depth, patchSize, imageSize, teachers, batch, images, epochs, atOnce } = setting;
  return [
    `student and ${teachers} teachers of width ${width} and depth ${depth}, patches of ${patchSize} of ` +
    `${imageSize} px, ladder on all blocks`,
    `${
      images.toLocaleString("en-US")
    } images, ${epochs} epochs; N cards share the B images of an update: ` +
    `${batch}, in the last column ${atOnce} for each`,
    `at most ${atOnce} at once; P = ${(parameters / 1e6).toFixed(1)} M parameters of student and ` +
    "projectors; numbers of 4 bytes",
    "",
    table("each of N cards", bench, [...workRows, ...byteRows]),
    ...Object.entries(bench.cards).flatMap(([name, card]) => ["", ...cardLines(name, card, bench)]),
    ...machines.flatMap((machine) => ["", checkTable(machine)]),
  ];
}

/** Lines of a card in a second precision, of which only the products differ. */
const shownInBrief = new Set([
  "products",
  "step",
  "images a second",
  "hours of the run",
  "hours of all cards",
]);

function cardLines(name: string, card: Device, bench: ScaleBench): string[] {
  const brief = name.endsWith("_tf32");
  const { memory, memoryBandwidth, link, watts, peak, reached, disk } = card;
  const giga = (bytes: number) => `${(bytes / 1e9).toFixed(0)} GB/s`;
  return [
    `${card.name}: at most ${(peak / 1e12).toFixed(0)} TFLOP/s, of which ${
      (100 * reached).toFixed(0)
    } % are reached; ${byteSize(memory)} at ${
      (memoryBandwidth / 1e12).toFixed(2)
    } TB/s; ${watts} W`,
    `${giga(link.within)} to the others of its ${link.node}, ${
      giga(link.between)
    } to other nodes, ` +
    `${(1e6 * link.latency).toFixed(0)} µs a message, disk ${giga(disk)}`,
    `(${card.source})`,
    table(
      "seconds of a step",
      bench,
      secondRows(name).filter(([row]) => !brief || shownInBrief.has(row)),
    ),
  ];
}

/** A line: its name, the text of a column, its formula. */
type Row = readonly [name: string, text: (column: ScaleColumn) => string, formula: string];

function table(title: string, { columns, setting }: ScaleBench, rows: readonly Row[]): string {
  const header = columns.map((column) => {
    const { devices } = anyStep(column);
    return column.batch === setting.batch ? `${devices}` : `${devices} × ${setting.atOnce}`;
  });
  return textTable(
    [title, ...header, "formula"],
    rows.map(([name, text, formula]) => [name, ...columns.map(text), formula]),
    [0, 1 + columns.length],
  );
}

/** Operations and bytes are the same for all cards. */
function anyStep({ costs }: Pick<ScaleColumn, "costs">): StepCost {
  return Object.values(costs)[0]!.step;
}

function teraflop(of: (step: StepCost) => number): Row[1] {
  return (column) => (of(anyStep(column)) / 1e12).toFixed(2);
}

function bytes(of: (step: StepCost) => number): Row[1] {
  return (column) => byteSize(of(anyStep(column)));
}

function total(parts: { readonly [name: string]: number }): number {
  return Object.values(parts).reduce((sum, part) => sum + part, 0);
}

const workRows: readonly Row[] = [
  ["images, in parts", (column) => {
    const { images } = anyStep(column), { accumulate } = column;
    return accumulate === 1 ? `${images}` : `${accumulate} × ${images / accumulate}`;
  }, "B / N"],
  [
    "TFLOP of teachers",
    teraflop(({ operations }) => operations.teachers),
    "B/N · 2 (matrices · T + D · 2 W T²), of each",
  ],
  ["  student", teraflop(({ operations }) => operations.encoder), "the same, of its encoder"],
  ["  projectors", teraflop(({ operations }) => operations.projectors), "B/N · 2 · matrices · T"],
  [
    "  gradient",
    teraflop(({ operations }) => operations.gradient),
    "2 (student + projectors)",
  ],
  ["  in all", teraflop(({ operations }) => total(operations)), ""],
  [
    "  recomputed",
    ({ recomputed }) => (recomputed.operations.again / 1e12).toFixed(2),
    "student + projectors, if asked for",
  ],
];

const byteRows: readonly Row[] = [
  ["bytes of parameters", bytes(({ memory }) => memory.parameters), "4 P"],
  ["  moments", bytes(({ memory }) => memory.moments), "8 P"],
  ["  gradient", bytes(({ memory }) => memory.gradient), "8 P, in parts 12 P"],
  ["  teachers", bytes(({ memory }) => memory.teachers), "4 · their parameters"],
  [
    "  activations",
    bytes(({ memory }) => memory.activations),
    "4 · images at once · numbers kept of each",
  ],
  ["  targets", bytes(({ memory }) => memory.targets), "2 · 4 · B/N · T · widths: two batches'"],
  ["  in all", bytes(({ memory }) => total(memory)), ""],
  [
    "  moments, sharded",
    ({ sharded }) => byteSize(anyStep({ costs: sharded }).memory.moments),
    "8 P / N",
  ],
  [
    "  activations, recomputed",
    ({ recomputed }) => byteSize(recomputed.memory.activations),
    "the same, of one block and one teacher",
  ],
  [
    "  in all, with both",
    ({ sharded, recomputed }) => {
      const { moments } = anyStep({ costs: sharded }).memory;
      return byteSize(total({ ...recomputed.memory, moments }));
    },
    "",
  ],
  ["sent for the sum", bytes(({ traffic }) => traffic.sum), "2 (N − 1) / N · 4 P"],
  [
    "  seconds over gRPC, as measured",
    ({ measuredSum }) => measuredSum === undefined ? "–" : seconds(measuredSum),
    "that / the best rate of two processes below",
  ],
  ["moved for the update", bytes(({ traffic }) => traffic.update), "7 · 4 P; sharded, / N"],
  ["read from disk", bytes(({ traffic }) => traffic.disk), "B/N · 3 · canvas²"],
];

function secondRows(card: string): Row[] {
  const ofStep = (of: (step: StepCost) => number): Row[1] => ({ costs }) =>
    seconds(of(costs[card]!.step));
  const ofRun = (of: keyof ScaleColumn["costs"][string]["run"]): Row[1] => ({ costs }) =>
    amount(costs[card]!.run[of]);
  return [
    ["products", ofStep((step) => step.seconds.products), "FLOP / (most · share)"],
    ["update", ofStep((step) => step.seconds.update), "bytes moved / memory's rate"],
    ["sum", ofStep((step) => step.seconds.sum), "bytes sent / link's rate + 2 (N − 1) · latency"],
    ["reading, beside these", ofStep((step) => step.seconds.reading), "bytes read / disk's rate"],
    ["step", ofStep((step) => step.seconds.step), "products + update + sum; reading if longer"],
    [
      "  with a sharded update",
      ({ sharded }) => seconds(sharded[card]!.step.seconds.step),
      "the same, update / N",
    ],
    ["images a second", ofRun("imagesPerSecond"), "B / step"],
    ["hours of the run", ofRun("hours"), "epochs · floor(images / B) · step"],
    ["hours of all cards", ofRun("deviceHours"), "N · hours"],
    ["kWh of the cards", ofRun("kilowattHours"), "hours of all cards · watts"],
  ];
}

/** Three digits. */
function seconds(value: number): string {
  return value === 0 ? "0" : value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function amount(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

function checkTable({ name, checks }: ScaleBench["machines"][number]): string {
  const inWords = (unit: Check["unit"], value: number) => {
    if (unit === "bytes") return byteSize(value);
    return unit === "s" ? `${seconds(value)} s` : `${value.toFixed(1)} GFLOP`;
  };
  return textTable(
    [`checked on ${name}`, "reckoned", "measured", "measured / reckoned"],
    checks.map(({ what, unit, reckoned, measured }) => [
      what,
      inWords(unit, reckoned),
      inWords(unit, measured),
      (measured / reckoned).toFixed(2),
    ]),
  );
}
