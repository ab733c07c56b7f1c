/** `deno task doctor`: whether this machine is ready, and what to do where it is not. */
import { type Check, examine } from "../../engine/doctor/doctor.ts";
import { examinations } from "../../engine/doctor/examinations.ts";
import { defineCommand, main } from "../command.ts";

/** The command, as a value. */
export const doctor = defineCommand({
  name: "doctor",
  summary: "Looks at everything that a run needs; for each thing missing, says what to do",
  example: "deno task doctor --json",
  options: {
    offline: { type: "flag", summary: "fetches nothing: only looks for TensorFlow" },
  },
  run: async ({ options, say, emit }) => {
    const onCheck = (check: Check) => say(line(check));
    const diagnosis = await examine(examinations({ fetch: !options.offline }), { onCheck });
    emit(diagnosis);
    say(diagnosis.ok ? "Ready." : "Not ready: see the lines marked ✗.");
    return diagnosis.ok ? 0 : 1;
  },
});

function line({ name, ok, detail, remedy }: Check): string {
  const found = `${ok ? "✓" : "✗"} ${name.padEnd(14)}  ${detail.replaceAll("\n", `\n${indent}`)}`;
  return remedy === null ? found : `${found}\n${indent}→ ${remedy}`;
}

const indent = " ".repeat(18);

if (import.meta.main) await main(doctor);
