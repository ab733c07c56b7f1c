/** `doctor`: whether this machine is ready, and what to do where it is not. */
import { type CheckResult, runChecks } from "../../engine/doctor/doctor.ts";
import { doctorChecks } from "../../engine/doctor/checks.ts";
import { fetchedWeightsCheck } from "../fetched_weights_check.ts";
import { tuningCheck } from "../tuning_check.ts";
import { defineCommand } from "../command.ts";

/** The command, as a value. */
export const doctor = defineCommand({
  name: "doctor",
  group: "maintain",
  summary: "Checks everything that a run needs; for each thing missing, the remedy",
  example: "--json",
  options: {
    offline: { type: "flag", summary: "fetches nothing: only looks for TensorFlow" },
  },
  run: async ({ options, say, emit }) => {
    const onCheck = (check: CheckResult) => say(line(check));
    const own = [fetchedWeightsCheck(), tuningCheck()];
    const checks = [...doctorChecks({ fetch: !options.offline }), ...own];
    const diagnosis = await runChecks(checks, { onCheck });
    emit(diagnosis);
    say(diagnosis.ok ? "Ready." : "Not ready: see the lines marked ✗.");
    return diagnosis.ok ? 0 : 1;
  },
});

function line({ name, ok, detail, remedy }: CheckResult): string {
  const result = `${ok ? "✓" : "✗"} ${name.padEnd(14)}  ${detail.replaceAll("\n", `\n${indent}`)}`;
  return remedy === null ? result : `${result}\n${indent}→ ${remedy}`;
}

const indent = " ".repeat(18);
