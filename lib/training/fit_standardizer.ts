/** Statistics of the teachers from the first batches, before any step is taken. */
import { fitStatistics } from "../method/standardizers/fit.ts";
import type { Statistics } from "../method/standardizers/statistics.ts";
import type { TeacherShape } from "../method/tokens.ts";
import { fitFirstBatches } from "./fit_first_batches.ts";
import type { TrainingSetup } from "./setup.ts";
import type { TargetSource } from "./targets.ts";

/**
 * Fits the kinds of standardisation that do not run along with the training; undefined for the others.
 * It looks at the views that the first steps will see, so a feature cache serves both.
 *
 * @param onNote gets a line for each teacher of which only principal axes are learnt
 */
export async function fitStandardizer(
  setup: TrainingSetup,
  targets: TargetSource,
  onNote: (line: string) => void = () => {},
): Promise<Statistics | undefined> {
  const { recipe, random } = setup;
  const { kind, batches, axes, leastDeviation } = recipe.standardizer;
  if (kind === "ema" || kind === "batch") return undefined;
  const fit = fitStatistics(kind, { axes, leastDeviation });
  await fitFirstBatches(setup, fit, {
    batches,
    compute: (views, host) => targets.compute(views, host),
  });
  const statistics = fit.finish(random.at("standardizer"));
  for (const teacher of setup.student.ladder.teachers) {
    const line = await describeAxes(teacher, statistics[teacher.name] ?? {});
    if (line !== undefined) onNote(line);
  }
  return statistics;
}

/** How much of a teacher's variance its axes keep; undefined where its features are whole. */
async function describeAxes(
  { name, width, featureWidth }: TeacherShape,
  statistics: Statistics[string],
): Promise<string | undefined> {
  const shares: string[] = [];
  for (const [type, { kept }] of Object.entries(statistics)) {
    const [share] = await kept?.data<"float32">() ?? [];
    if (share !== undefined) shares.push(`${(100 * share).toFixed(1)} % of ${type}`);
  }
  if (shares.length === 0) return undefined;
  return `teacher ${name}: ${width} of ${featureWidth} axes keep ${shares.join(" and ")} variance`;
}
