/** Meetings of two ends in one process, over the loopback device. */
import { assertEquals, assertRejects } from "@std/assert";
import { openAsFollower } from "../../../lib/engine/collectives/follower.ts";
import { GroupFailure } from "../../../lib/engine/collectives/group_end.ts";
import { groupLimits } from "../../../lib/engine/collectives/limits.ts";
import { openAsLeader } from "../../../lib/engine/collectives/leader.ts";
import { freePort } from "../../../lib/bench/processes/rank_process.ts";

/** The options of both ends. */
function options(rank: number, port: number) {
  return {
    place: { rank, size: 2, host: "127.0.0.1", port, source: "a test" },
    limits: groupLimits(() => undefined),
    key: "",
    onNote: () => {},
    now: () => performance.now(),
  };
}

const differences = (theirs: unknown, own: unknown) =>
  theirs === own ? [] : [`${theirs} -> ${own}`];

Deno.test("facts are compared anew for every run, whoever is ready first", async () => {
  const port = freePort();
  const leader = await openAsLeader(options(0, port), differences);
  const follower = await openAsFollower(options(1, port));
  const begin = (theirs: string, own: string) =>
    Promise.all([follower.ready(2, theirs), leader.ready(1, own)]);
  const [peers, known] = await begin("first", "first");
  assertEquals(peers.map(({ port }) => port), [1, 2]);
  assertEquals(known, peers);
  // The leader is still busy, and must not compare with what it gave before.
  const early = follower.ready(2, "second");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await leader.ready(1, "second");
  await early;
  const { message } = await assertRejects(() => begin("third", "fourth"), GroupFailure);
  assertEquals(message.split("\n").at(-1), "  - third -> fourth");
  await Promise.all([leader.finish(), follower.finish()]);
});

Deno.test("the leader's word waits for those that have not come", async () => {
  const port = freePort();
  const leader = await openAsLeader(options(0, port), differences);
  const said = leader.say({ stage: 1 });
  const follower = await openAsFollower(options(1, port));
  assertEquals(await follower.say(undefined), { stage: 1 });
  assertEquals(await said, { stage: 1 });
  await Promise.all([leader.finish(), follower.finish()]);
});
