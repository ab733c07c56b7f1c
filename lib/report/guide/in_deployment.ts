/** What to look at first once a student is in use. */
import { z } from "zod";
import { csvLines } from "../../io/csv.ts";
import { UserError } from "../../errors/user_error.ts";
import { percent } from "../format.ts";
import { type GuideInput, jsonRecord, tableLine } from "./guide_input.ts";
import { meanOf } from "../../metrics/mean_of.ts";

const driftSchema = z.object({
  level: z.number(),
  setting: z.object({ images: z.number(), draws: z.number(), powerDraws: z.number() }),
  false: z.object({
    alarms: z.object({ verdict: z.number() }),
    intervals: z.object({ verdict: z.tuple([z.number(), z.number()]) }),
  }),
  power: z.array(z.object({
    drift: z.string(),
    unit: z.string(),
    grade: z.number(),
    alarms: z.object({ verdict: z.number() }),
  })),
});

const load = z.object({
  clients: z.number(),
  requestsPerSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  refused: z.number(),
  failed: z.number(),
});
const serveSchema = z.object({ model: z.string(), usual: load, overload: load });

const updateSchema = z.object({
  oldTasks: z.array(z.string()),
  newTask: z.string(),
  rows: z.array(
    z.object({ model: z.string(), task: z.string(), metric: z.string(), value: z.number() }),
  ),
  seconds: z.array(z.object({ update: z.number(), scratch: z.number() })),
});

const tortureSchema = z.object({
  trials: z.array(z.object({ name: z.string(), injected: z.number(), lost: z.number() })),
});

const exportSchema = z.object({
  student: z.string(),
  points: z.array(z.object({ bits: z.number(), difference: z.number() })),
});

/** In order: cost, calibration, drift, update, verdict, serving, exports, kills; each with its command. */
export function inDeployment(input: GuideInput): string[] {
  return [
    "## First in deployment",
    "",
    costLine(input),
    calibrationLine(input),
    driftLine(input),
    updateLine(input),
    "- **Verdict** (`deno task verdict`): not measured, no verdict is on record; it says go only where the whole interval " +
    "lies above the threshold ([stages.md](stages.md)).",
    serveLine(input),
    exportLine(input),
    tortureLine(input),
    "",
  ];
}

function line(title: string, command: string, found: string | undefined, link: string): string {
  return `- **${title}** (\`deno task ${command}\`): ${found ?? "not measured"} (${link}).`;
}

function costLine({ records }: GuideInput): string {
  const record = records.get("deployment.md");
  const student = tableLine(record, "student");
  const [, all = ""] = /^\| (all \d+ teachers) \|/m.exec(record ?? "") ?? [];
  const teachers = tableLine(record, all);
  const figures = (one: ReadonlyMap<string, string>) =>
    `${one.get("p50, ms")} ms and ${one.get("GFLOP/image")} GFLOP an image, ${
      one.get("peak memory, MB")
    } MB of memory, ${one.get("images/s")} images/s in batches`;
  const found = student && teachers &&
    `the student takes ${figures(student)}; ${all} ${figures(teachers)}`;
  const link = "[results.md](results.md#what-that-student-costs-to-run)";
  return line("Cost of an image", "evaluate RUN --deployment", found, link);
}

function calibrationLine({ records }: GuideInput): string {
  const table = records.get("suite.csv"), metric = "calibration error";
  const refuse = (found: string) => new UserError(`Cannot write the guide: ${found}`);
  const values = csvLines(table ?? "", { most: 100_000, refuse })
    .filter(([model, , name]) => model === "student" && name === metric)
    .map(([, task = "", , value]) => ({ task, value: Number(value) }))
    .sort((a, b) => a.value - b.value);
  const [first, last] = [values[0], values.at(-1)];
  const mean = meanOf(values.map(({ value }) => value));
  const found = first && last &&
    `a student's probabilities are off by ${
        mean.toFixed(1)
      } points in the mean of ${values.length} tasks before a ` +
      `temperature is fitted, from ${first.value.toFixed(1)} (${first.task}) to ${
        last.value.toFixed(1)
      } (${last.task}); what the temperature leaves, the command prints and no record holds`;
  return line("Calibration", "classify RUN --train LABELLED", found, "[in_use.md](in_use.md)");
}

function driftLine(input: GuideInput): string {
  const record = jsonRecord(input, "bench_drift.json", driftSchema);
  const link = "[drift.md](drift.md)", command = "drift RUN --reference OLD --images NEW";
  if (record === undefined) return line("Drift", command, undefined, link);
  const { setting, level, power } = record, { alarms, intervals } = record.false;
  const [low, high] = intervals.verdict.map((value) => value.toFixed(1));
  const powers = ["a new class", "blur"].flatMap((drift) =>
    power.filter((one) => one.drift === drift && one.alarms.verdict / setting.powerDraws >= 0.25)
      .slice(0, 2)
      .map(({ grade, unit, alarms }) =>
        `${drift} ${grade} (${unit}) ${percent(alarms.verdict / setting.powerDraws)}`
      )
  );
  return line(
    "Drift",
    command,
    `${
      percent(alarms.verdict / setting.draws)
    } of draws of ${setting.images} images without drift raise an alarm ` +
      `[${low}, ${high}] at level ${level}; with drift: ${powers.join(", ")}`,
    link,
  );
}

function updateLine(input: GuideInput): string {
  const record = jsonRecord(input, "bench_update.json", updateSchema);
  const link = "[drift.md](drift.md#what-it-is-worth)", command = "update RUN --images NEW";
  if (record === undefined) return line("Update", command, undefined, link);
  const { oldTasks, newTask, rows, seconds } = record;
  const metric = "k-NN accuracy";
  const mean = (model: string, task: string) => {
    const found = rows.filter((row) =>
      row.model === model && row.task === task && row.metric === metric
    );
    return meanOf(found.map(({ value }) => value));
  };
  const change = (task: string) => {
    const points = mean("update", task) - mean("old", task);
    return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)} on ${task}`;
  };
  const sum = (of: (one: typeof seconds[number]) => number) =>
    seconds.reduce((all, one) => all + of(one), 0);
  const share = sum((one) => one.update) / sum((one) => one.scratch);
  return line(
    "Update",
    command,
    `in ${percent(share)} of the time from scratch, points of ${metric}: new ${
      change(newTask)
    }, old ${oldTasks.map(change).join(", ")}`,
    link,
  );
}

function serveLine(input: GuideInput): string {
  const record = jsonRecord(input, "bench_serve.json", serveSchema);
  const found = record &&
    `${record.model} answers ${
        record.usual.requestsPerSecond.toFixed(0)
      } requests/s of ${record.usual.clients} clients, ` +
      `half within ${record.usual.p50.toFixed(0)} ms, 99 % within ${
        record.usual.p99.toFixed(0)
      } ms; of ${record.overload.clients} clients ${
        record.overload.requestsPerSecond.toFixed(0)
      }/s, with ${record.overload.refused} refused by status 503 and ${record.overload.failed} failed`;
  return line("Serving", "serve RUN", found, "[speed.md](speed.md#serving)");
}

function exportLine(input: GuideInput): string {
  const record = jsonRecord(input, "compress.json", exportSchema);
  const of = (bits: number) =>
    record?.points.filter((point) => point.bits === bits).map(({ difference }) => difference) ?? [];
  const worst = (bits: number) =>
    of(bits).length === 0 ? [] : [`${bits} bits ${Math.max(...of(bits)).toPrecision(2)}`];
  const found = record &&
    `worst difference of an exported file of ${record.student} from its network, relative: ${
      [32, 16, 8].flatMap(worst).join(", ")
    }`;
  const missing = "each file is held against its student before it is kept; no figure is on record";
  return line("Exports", "export RUN --format onnx", found ?? missing, "[in_use.md](in_use.md)");
}

function tortureLine(input: GuideInput): string {
  const record = jsonRecord(input, "torture.json", tortureSchema);
  const found = record?.trials.map(({ name, injected, lost }) =>
    `${name} ${injected} times, ${lost} lost`
  ).join("; ");
  return line("Kills and full disks", "torture", found, "[reliability.md](reliability.md)");
}
