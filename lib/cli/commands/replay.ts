/** `deno task replay FILE`: a step that a guard refused, once more. */
import { replayIncident } from "../../training/guard/replay.ts";
import { defineCommand, main } from "../command.ts";

/** The command, as a value. */
export const replay = defineCommand({
  name: "replay",
  summary: "Does a step again that the guard of a run refused, from the state that it had, and\n" +
    "compares every loss, bit for bit; leaves with status 1 where something differs",
  example: "deno task replay runs/demo/incidents/step-000123.json",
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

if (import.meta.main) await main(replay);
