/** The use of several processes: all of their seconds, and the energy of each machine once. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { useOfOthers } from "../../../lib/training/processes/shared_use.ts";
import { pretendedGroups } from "./shared_fixture.ts";

await startEngine();

Deno.test("seconds of the others add up, and joules of each machine but the leader's, once", async () => {
  const machines = [7, 7, 2 ** 24 - 1, 2 ** 24 - 1];
  const ofRanks = await Promise.all(
    pretendedGroups(4).map((group, rank) =>
      useOfOthers(
        group,
        { processorSeconds: 10 ** rank, meteredSeconds: 2 * rank, joules: 100 * (rank + 1) },
        machines[rank],
      )
    ),
  );
  for (const use of ofRanks) {
    assertEquals(use, { processorSeconds: 1110, meteredSeconds: 12, joules: 300 });
  }
});

Deno.test("processes of one machine know that they are", async () => {
  const use = { processorSeconds: 1.5, meteredSeconds: 1, joules: 9 };
  const [ofOthers] = await Promise.all(pretendedGroups(2).map((group) => useOfOthers(group, use)));
  assertAlmostEquals(ofOthers!.processorSeconds, 1.5);
  assertEquals(ofOthers!.joules, 0, "the leader's meter counted them");
});
