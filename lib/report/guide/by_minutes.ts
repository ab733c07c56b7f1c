/** What pays off in how many minutes. */
import { csvLines } from "../../io/csv.ts";
import { UserError } from "../../errors/user_error.ts";
import type { GuideInput } from "./guide_input.ts";
import { bullet, effect, type Pair } from "./pair_effect.ts";

/** Longer runs, and runs from trained weights. */
export function byMinutes(input: GuideInput): string[] {
  const dynamics = (from: string, to: string): Pair => ["world_dynamics", from, to];
  return [
    "## By minutes",
    "",
    bullet(input, "Four times the steps, without dropping", [dynamics("equal", "equal_long")]),
    `- **Dropping in a long run**, for the hardest teacher's factor: ${
      effect(input, dynamics("equal_long", "dropped_long"), "shape")
    }; in a short one: ${effect(input, dynamics("equal", "dropped"), "shape")}.`,
    bullet(input, "Six minutes from the weights of the best teacher, beside that teacher", [
      ["main_job_settings", "source", "dropping"],
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
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  return new Map([...values].map(([model, all]) => [model, mean(all)]));
}
