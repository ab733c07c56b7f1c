/** The calibration of `drift` for people. */
import { textTable } from "../../report/tables/text_table.ts";
import { type Alarms, type DriftBench, driftTests } from "./bench_drift.ts";
import { machineText } from "../../report/format.ts";

/** False alarms, power and streams, as lines. */
export function driftTable(
  { setting, model, set, level, false: without, power, stream, machine }: DriftBench,
): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const cells = (alarms: Alarms, draws: number) =>
    driftTests.map((test) => percent(alarms[test] / draws));
  return [
    `${setting.images} images of reference and as many new ones, drawn of ${setting.pool} of ${set}; features of ` +
    `${model};`,
    `level ${level}, ${setting.permutations} exchanges`,
    "",
    textTable(
      ["alarms without drift", ...driftTests],
      [
        [
          `of ${setting.draws} draws`,
          ...driftTests.map((test) =>
            `${(100 * without.alarms[test] / setting.draws).toFixed(1)} %`
          ),
        ],
        [
          "95 % interval of the rate",
          ...driftTests.map((test) => {
            const [low, high] = without.intervals[test];
            return `${low.toFixed(1)} to ${high.toFixed(1)} %`;
          }),
        ],
      ],
    ),
    "",
    textTable(
      [`alarms of ${setting.powerDraws} draws`, "grade", ...driftTests],
      power.map(({ drift, unit, grade, alarms }) => [
        ...[`${drift} (${unit})`, String(grade)],
        ...cells(alarms, setting.powerDraws),
      ]),
    ),
    "",
    textTable(
      [`Page-Hinkley, streams of ${stream.length}`, "alarms", "images to the alarm"],
      [
        ["without drift", percent(stream.falseAlarms / stream.streams), ""],
        ...stream.found.map(({ drift, alarms, delay }) => [
          ...[`${drift} from ${stream.change} on`, percent(alarms / stream.streams)],
          delay === null ? "" : String(delay),
        ]),
      ],
    ),
    `distance from the mean along principal axes, rise or fall, in deviations; tolerance ${stream.options.tolerance}, threshold ` +
    `${stream.options.threshold}; ${stream.streams} streams`,
    "",
    machineText(machine),
  ].flatMap((part) => part.split("\n"));
}
