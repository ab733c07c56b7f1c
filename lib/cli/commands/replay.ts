/** `replay FILE`: repeats a step that the guard of a run refused. */
import { replayIncident } from "../../training/guard/replay.ts";
import { defineCommand } from "../command.ts";

/** The command, as a value. */
export const replay = defineCommand({
  name: "replay",
  group: "distil",
  summary: "Repeats a step that the guard of a run refused, and compares every loss, bit for bit",
  details: "Starts from the state that the step had; the exit status is 1 where something differs.",
  example: "runs/demo/incidents/step-000123.json",
  positionals: ["FILE"],
  run: async ({ positionals, say, progress, emit }) => {
    const result = await replayIncident(positionals[0] ?? "", { onNote: progress });
    const { reproduced, step, cause, facts } = result;
    say(`step ${step}: ${cause}`);
    for (const { what, then, now } of facts) {
      say(`  ${what.padEnd(30)} ${then === now ? `${now} as then` : `${now}, then ${then}`}`);
    }
    say(reproduced ? "reproduced, bit for bit" : "not reproduced");
    emit(result);
    return reproduced ? 0 : 1;
  },
});
