/** Processes that train as one: real ones, over TensorFlow's collectives on the loopback device. */
import { assert, assertEquals } from "@std/assert";
import { layWire } from "../../../lib/bench/endurance/process_ranks.ts";
import { loadLatestCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { inFolder } from "../../images/images_fixture.ts";
import type { RankOptions } from "./rank_program_fixture.ts";
import { freePort, type RankOutcome, runRanks, startRank } from "./ranks_fixture.ts";
import { writeVariedImages } from "./shared_fixture.ts";

/** Runs a test in a folder with images. */
function inImages(run: (folder: string) => Promise<void>): () => Promise<void> {
  return () =>
    inFolder(async (folder) => {
      await writeVariedImages(folder, 16);
      await run(folder);
    });
}

/** The leader's result, where all ended well. */
function resultOf(outcomes: readonly RankOutcome[]) {
  for (const { code, errors } of outcomes) assertEquals(code, 0, errors);
  return outcomes[0]!.result!;
}

function assertClose(losses: readonly number[], others: readonly number[]): void {
  assertEquals(losses.length, others.length);
  losses.forEach((loss, i) => {
    const apart = Math.abs(loss - others[i]!) / Math.abs(loss);
    assert(apart < 1e-5, `losses ${i} from the end are ${apart} apart`);
  });
}

/** A test that mostly waits for a limit of time: `deno task torture --processes` has more of the kind. */
function waiting(name: string, fn: () => Promise<void>): void {
  const ignore = Deno.env.get("HASHIGO_WAITING_TESTS") === undefined;
  const reason = " (skipped: half a minute of waiting; HASHIGO_WAITING_TESTS=1 runs it)";
  Deno.test({ name: ignore ? name + reason : name, ignore, fn });
}

Deno.test(
  "1, 2 and 4 processes agree, the same number bit for bit, and a killed run goes on with another number",
  inImages(async (folder) => {
    const train = async (size: number) => {
      await Deno.remove(`${folder}/run`, { recursive: true }).catch(() => {});
      return resultOf(await runRanks(folder, size, { options: { steps: 20 } }));
    };
    const alone = await train(1), two = await train(2), four = await train(4);
    assertClose(alone.losses, two.losses);
    assertClose(alone.losses, four.losses);
    assertEquals((await train(2)).stateDigest, two.stateDigest);
    assert(two.stateDigest !== alone.stateDigest, "the sums are those of one process");
    const shares = [alone, two, four].map(({ seconds: { own, ofRun } }) => ofRun / own);
    assert(shares[0]! < 1 && shares[1]! > 1 && shares[2]! > 2, `account: ${shares} of the leader`);

    await Deno.remove(`${folder}/run`, { recursive: true });
    const [leader, killed] = await runRanks(folder, 2, {
      options: { steps: 20 },
      of: { 1: { dieAt: 8 } },
    });
    assertEquals(killed!.signal, "SIGKILL");
    assertEquals(leader!.code, 1);
    assert(
      /rank 1 of 2 \(process \d+ on 127\.0\.0\.1\) ended/.test(leader!.errors),
      leader!.errors,
    );
    assert(leader!.errors.includes("--resume"), leader!.errors);
    const resumed = resultOf(await runRanks(folder, 4, { options: { steps: 20, resume: true } }));
    // Nothing is lost: seven steps are saved, and thirteen follow.
    assertEquals(resumed.losses.length, 13);
    assertClose(alone.losses.slice(7), resumed.losses);
  }),
);

Deno.test(
  "processes that keep slices agree with one, bit for bit twice, and go on with another number, sharded or not",
  inImages(async (folder) => {
    const run = `${folder}/run`, sharded = { sharded: true };
    const removeRun = () => Deno.remove(run, { recursive: true }).catch(() => {});
    const train = async (size: number, options: RankOptions = {}) => {
      await removeRun();
      return resultOf(await runRanks(folder, size, { options }));
    };
    const alone = await train(1), two = await train(2, sharded);
    assertClose(alone.losses, two.losses);
    assertEquals((await train(2, sharded)).stateDigest, two.stateDigest);

    // Between two checkpoints: the leader asks for the moments, whatever the others are about to do.
    await train(2, { ...sharded, leaveAt: 7 });
    const resumed = resultOf(await runRanks(folder, 1, { options: { resume: true } }));
    assertClose(alone.losses.slice(7), resumed.losses);

    await removeRun();
    const [leader] = await runRanks(folder, 2, { options: sharded, of: { 1: { dieAt: 8 } } });
    assertEquals(leader!.code, 1);
    assert(/rank 1 of 2 \(process \d+ .*\) ended/.test(leader!.errors), leader!.errors);
    assert(leader!.errors.includes("the newest checkpoint is the last"), leader!.errors);
    // What the lost process had of the moments is gone; the newest checkpoint is that of step 6.
    const goesOn = resultOf(
      await runRanks(folder, 4, { options: { ...sharded, resume: true } }),
    );
    assertClose(alone.losses.slice(6), goesOn.losses);
  }),
);

Deno.test(
  "stages go on with another number of processes, by the servers of the first stage",
  inImages(async (folder) => {
    const options = { steps: 4, stages: true };
    const { losses } = resultOf(await runRanks(folder, 1, { options }));
    assertEquals(losses.length, 8);
    await Deno.remove(`${folder}/run`, { recursive: true });
    const begun = resultOf(await runRanks(folder, 2, { options: { ...options, leaveAt: 6 } }));
    assertClose(losses.slice(0, 6), begun.losses);
    const { losses: rest } = resultOf(
      await runRanks(folder, 1, { options: { ...options, resume: true } }),
    );
    assertClose(losses.slice(6), rest);
  }),
);

Deno.test(
  "a leader that is killed ends the others by name, and another one goes on",
  inImages(async (folder) => {
    const [, follower] = await runRanks(folder, 2, { of: { 0: { dieAt: 8 } } });
    assertEquals(follower!.code, 1);
    assert(
      /the leader \(rank 0 of 2, process \d+ .*\) ended/.test(follower!.errors),
      follower!.errors,
    );
    const resumed = resultOf(await runRanks(folder, 1, { options: { resume: true } }));
    // The newest checkpoint is that of step 6.
    assertEquals([resumed.steps, resumed.losses.length], [12, 6]);
  }),
);

waiting(
  "a process that hangs ends all within the limit, by name",
  inImages(async (folder) => {
    const port = freePort(), env = { HASHIGO_SILENCE_SECONDS: "6" };
    const ranks = [0, 1, 2, 3].map((rank) =>
      startRank(folder, { rank, size: 4, port, env, options: rank === 2 ? { hangAt: 5 } : {} })
    );
    const others = await Promise.all([0, 1, 3].map((rank) => ranks[rank]!.outcome));
    ranks[2]!.child.kill("SIGKILL");
    await ranks[2]!.outcome;
    for (const { code, errors } of others) {
      assertEquals(code, 1);
      assert(/rank 2 of 4 \(process \d+ .*\) said nothing for 6 s/.test(errors), errors);
    }
  }),
);

const canCut = await layWire().then(async (wire) => {
  await wire?.[Symbol.asyncDispose]();
  return wire !== undefined;
});

Deno.test({
  name: "a process that is cut off ends all within the limit, each naming the other" +
    (canCut ? "" : " (skipped: laying a wire between networks takes root's rights)"),
  ignore: !canCut,
  fn: inImages(async (folder) => {
    await using wire = (await layWire())!;
    const port = freePort(), env = { HASHIGO_SILENCE_SECONDS: "6" }, host = wire.address;
    const before = ["ip", "netns", "exec", wire.namespace];
    const ranks = [
      startRank(folder, { rank: 0, size: 2, port, host, env, options: { steps: 100_000 } }),
      startRank(folder, {
        ...{ rank: 1, size: 2, port, host, env, before },
        options: { steps: 100_000 },
      }),
    ];
    while (!await Deno.stat(`${folder}/run/checkpoints/latest`).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await wire.cut();
    const [leader, other] = await Promise.all(ranks.map(({ outcome }) => outcome));
    assert(/rank 1 of 2 \(.*\) said nothing for 6 s/.test(leader!.errors), leader!.errors);
    assert(/the leader \(rank 0 of 2, .*\) said nothing/.test(other!.errors), other!.errors);
    assert(await loadLatestCheckpoint(`${folder}/run`) !== undefined);
  }),
});

waiting(
  "a process that lives but does not come to the sum ends all within the limit, by name",
  inImages(async (folder) => {
    const port = freePort(), env = { HASHIGO_OPERATION_SECONDS: "15" };
    const ranks = [0, 1, 2, 3].map((rank) =>
      startRank(folder, { rank, size: 4, port, env, options: rank === 2 ? { stallAt: 5 } : {} })
    );
    const others = await Promise.all([0, 1, 3].map((rank) => ranks[rank]!.outcome));
    ranks[2]!.child.kill("SIGKILL");
    await ranks[2]!.outcome;
    for (const { code, errors } of others) {
      assertEquals(code, 1);
      assert(/rank 2 of 4 \(.*\) did not come to the operation/.test(errors), errors);
    }
  }),
);

Deno.test(
  "another recipe, other images or another size is refused by name before the first step",
  inImages(async (folder) => {
    for (
      const [option, line] of [
        [{ seed: 5 }, "seed: 5 -> 0"],
        [{ limit: 12 }, "images.digest: "],
      ] as const
    ) {
      const [leader, follower] = await runRanks(folder, 2, { of: { 1: option } });
      assertEquals([leader!.code, follower!.code], [1, 1]);
      for (const { errors } of [leader!, follower!]) {
        assert(/rank 1 of 2 .* has something else than the leader/.test(errors), errors);
        assert(errors.includes(line), errors);
      }
      const begun = await Deno.stat(`${folder}/run`).then(() => true, () => false);
      assertEquals(begun, false, "a folder is left of a run that never began");
    }
  }),
);

Deno.test(
  "a second leader is refused by name, and one that comes too late ends all",
  inImages(async (folder) => {
    const port = freePort(), env = { HASHIGO_JOIN_SECONDS: "12" };
    const leader = startRank(folder, { rank: 0, size: 2, port, env });
    await until(port);
    const second = await startRank(folder, { rank: 0, size: 2, port, env }).outcome;
    assertEquals(second.code, 1);
    assert(
      /the port is in use\. Found there: .*\(rank 0 of 2, process \d+.*[^.]\. Expected one/s.test(
        second.errors,
      ),
      second.errors,
    );
    const stranger = await startRank(folder, { rank: 3, size: 4, port, env }).outcome;
    assert(/one of 4 processes, this group has 2/.test(stranger.errors), stranger.errors);
    const { code, errors } = await leader.outcome;
    assertEquals(code, 1);
    assert(errors.includes("waiting for rank 1 of 2: 10 s of at most 12 s"), errors);
    assert(errors.includes("rank 1 of 2 did not start within 12 s"), errors);
  }),
);

/** Waits until somebody listens. */
async function until(port: number): Promise<void> {
  for (;;) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
