/** What pays off in how many minutes. */
import { csvLines } from "../../io/csv.ts";
import { UserError } from "../../errors/user_error.ts";
import { grouped } from "../format.ts";
import { type Finding, finding } from "./effect.ts";
import { type GuideInput, stepsOf } from "./guide_input.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Longer runs, and runs from trained weights. */
export function byMinutes(input: GuideInput): (string | Finding)[] {
  const experiment = "world_dynamics", columns = ["shape"];
  const steps = (row: string) => `in ${grouped(stepsOf(input, experiment, row))} steps`;
  return [
    "## By minutes",
    "",
    finding(input, "Four times the steps", [{ experiment, from: "equal", to: "equal_long" }]),
    finding(input, "Teacher dropping, for the mean, short and long", [
      { experiment, from: "equal", to: "dropped", when: steps("dropped") },
      { experiment, from: "equal_long", to: "dropped_long", when: steps("dropped_long") },
    ]),
    finding(input, "Teacher dropping, for the hardest teacher's factor, short and long", [
      { experiment, from: "equal", to: "dropped", columns, when: steps("dropped") },
      { experiment, from: "equal_long", to: "dropped_long", columns, when: steps("dropped_long") },
    ]),
    finding(input, "Six minutes from the weights of the best teacher, beside that teacher", [
      { experiment: "main_job_settings", from: "source", to: "base", when: "all counting alike" },
      { experiment: "main_job_settings", from: "source", to: "dropping", when: "with dropping" },
    ]),
    ...jobLines(input),
    "",
  ];
}

/** The runs that stand on the page of results. */
function jobLines(input: GuideInput): string[] {
  const record = input.records.get("tiny_imagenet.md"), link = "[results.md](results.md)";
  const verdicts = [...(record ?? "").matchAll(
    /^- (.+): mean ([+−][\d.]+ \[[^\]]+\]) against (\S+): (\w+)$/gm,
  )].map(([, metric, figures, against, verdict]) => ({ metric, figures, against, verdict }));
  const [first] = verdicts;
  return [
    ...first === undefined ? [] : [
      `- **${
        trainingTime(record)
      } from those weights**, beside the best teacher, ${first.against}: ${
        verdicts.map(({ metric, figures, verdict }) => `${verdict} by ${metric}, ${figures}`).join(
          "; ",
        )
      } (one seed, ${link}).`,
    ],
    ...scratchLine(input, link),
  ];
}

function scratchLine(input: GuideInput, link: string): string[] {
  const name = "tiny_imagenet_from_scratch", metric = "logistic regression accuracy";
  const table = input.records.get(`${name}.csv`), record = input.records.get(`${name}.md`);
  if (table === undefined || record === undefined) return [];
  const means = meansOf(table, metric), student = means.get("student");
  const [best, mean] =
    [...means].filter(([model]) => !["student", "random", "pixels"].includes(model))
      .sort(([, a], [, b]) => b - a)[0] ?? [];
  if (student === undefined || best === undefined || mean === undefined) return [];
  return [
    `- **${trainingTime(record)} from random weights**: ${
      student.toFixed(1)
    } % in the mean of ${metric}, ` +
    `${(student - mean).toFixed(1).replace("-", "−")} beside ${best} (one seed, ${link}).`,
  ];
}

/** "27 min 58 s", as a record says. */
function trainingTime(record = ""): string {
  return / in ([\w ]+) of training/.exec(record)?.[1] ?? "A run";
}

/** Means over tasks by model, of one metric of a table of evaluations. */
function meansOf(table: string, metric: string): Map<string, number> {
  const refuse = (found: string) => new UserError(`Cannot write the guide: ${found}`);
  const values = new Map<string, number[]>();
  for (const [model = "", , name, value] of csvLines(table, { most: 100_000, refuse })) {
    if (name === metric) values.set(model, [...values.get(model) ?? [], Number(value)]);
  }
  return new Map([...values].map(([model, all]) => [model, meanOf(all)]));
}
