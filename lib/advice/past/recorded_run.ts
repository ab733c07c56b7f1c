/** Reads the record of a run, `NAME.csv` and `NAME.md`, which `distill` and `demo` keep with `--record`. */
import { UserError } from "../../errors/user_error.ts";
import { csvLines } from "../../io/csv.ts";
import { readTextIfThere } from "../../io/text_file.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { RecordedRun } from "./gather_past_runs.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Metrics of whole images as features are, as the record names them. */
const metrics = ["k-NN accuracy", "logistic regression accuracy"];

/**
 * The record of a recipe in a folder of results; undefined where there is none.
 *
 * @throws {UserError} where it is not as it was written
 */
export async function readRecordedRun(
  recipe: Recipe,
  folder: string,
): Promise<RecordedRun | undefined> {
  const path = `${folder}/${recipe.name}`;
  const [csv, table] = await Promise.all(
    [`${path}.csv`, `${path}.md`].map((file) => readTextIfThere(file)),
  );
  if (csv === undefined || table === undefined) return undefined;
  return { recipe, means: meansOf(csv, path), ...lengthOf(table, path) };
}

/** Mean of the values by model. */
function meansOf(csv: string, path: string): Map<string, number> {
  const refuse = (found: string) => unreadable(`${path}.csv`, found);
  const [header = [], ...lines] = csvLines(csv, { most: 1e6, refuse });
  const place = (name: string) => header.indexOf(name);
  const values = new Map<string, number[]>();
  for (const line of lines) {
    if (!metrics.includes(line[place("metric")] ?? "")) continue;
    const model = line[place("model")] ?? "", value = Number(line[place("value")] || NaN);
    if (model === "" || !Number.isFinite(value)) throw refuse(`the line "${line.join()}"`);
    values.set(model, [...values.get(model) ?? [], value]);
  }
  return new Map([...values].map(([model, list]) => [model, meanOf(list)]));
}

/** Of the note below the first tables: "108,416 images in 27 min 58 s of training". */
function lengthOf(table: string, path: string): Pick<RecordedRun, "minutes" | "seen"> {
  const found = /([\d,]+) images? in (?:(\d+) h )?(?:(\d+) min ?)?(?:(\d+) s )?of training/.exec(
    table,
  );
  if (found === null) throw unreadable(`${path}.md`, "no time of training");
  const [seen, hours, minutes, seconds] = found.slice(1).map((part) =>
    Number(part?.replaceAll(",", "") ?? 0)
  );
  return { seen: seen!, minutes: 60 * hours! + minutes! + seconds! / 60 };
}

function unreadable(path: string, found: string): UserError {
  return new UserError(
    `Cannot read the record "${path}": found ${found}, expected what --record writes. Record the run again`,
  );
}
