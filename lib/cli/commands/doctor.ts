/** `doctor`: whether this machine is ready, and what to do where it is not. */
import { type CheckResult, runChecks } from "../../engine/doctor/doctor.ts";
import { doctorChecks } from "../../engine/doctor/checks.ts";
import { fetchedWeightsCheck } from "../fetched_weights_check.ts";
import { tuningCheck } from "../tuning_check.ts";
import { defineCommand, UsageError } from "../command.ts";
import { readPlace } from "../processes/group.ts";
import {
  examineProcesses,
  processesLines,
  takePartInExamination,
} from "../processes/examination.ts";

/** The command, as a value. */
export const doctor = defineCommand({
  name: "doctor",
  group: "maintain",
  summary: "Checks everything that a run needs; for each thing missing, the remedy",
  example: "--json",
  options: {
    offline: { type: "flag", summary: "fetches nothing: only looks for TensorFlow" },
    processes: {
      type: "number",
      value: "N",
      summary: "examines so many processes instead: how fast they sum, clocks, whether they agree",
    },
  },
  check: ({ options: { processes } }) =>
    processes === undefined ? undefined : readPlace(processes) ?? refuseOne(),
  run: async ({ options, say, progress, emit }, place) => {
    if (place !== undefined) {
      if (place.rank > 0) return await takePartInExamination(place);
      const report = await examineProcesses(place, progress);
      emit(report);
      processesLines(report).forEach(say);
      return report.agree ? 0 : 1;
    }
    const onCheck = (check: CheckResult) => say(line(check));
    const own = [fetchedWeightsCheck(), tuningCheck()];
    const checks = [...doctorChecks({ fetch: !options.offline }), ...own];
    const diagnosis = await runChecks(checks, { onCheck });
    emit(diagnosis);
    say(diagnosis.ok ? "Ready." : "Not ready: see the lines marked ✗.");
    return diagnosis.ok ? 0 : 1;
  },
});

function refuseOne(): never {
  throw new UsageError(
    "Found --processes 1, expected 2 or more: one process has nobody to agree with",
  );
}

function line({ name, ok, detail, remedy }: CheckResult): string {
  const result = `${ok ? "✓" : "✗"} ${name.padEnd(14)}  ${detail.replaceAll("\n", `\n${indent}`)}`;
  return remedy === null ? result : `${result}\n${indent}→ ${remedy}`;
}

const indent = " ".repeat(18);
