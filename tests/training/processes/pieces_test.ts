import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { sliceOf, slicesOf, takeSlice } from "../../../lib/tensors/slices.ts";
import {
  broadcastWhole,
  gatherToHost,
  gatherWhole,
  sumSlices,
} from "../../../lib/training/processes/pieces.ts";
import "../../pure_backend_fixture.ts";
import { pretendedGroups, pretendedProcesses } from "./shared_fixture.ts";

const size = 17, ranks = 3;
/** Whole numbers, whose sums are exact. */
const vectorOf = (rank: number) =>
  tf.tidy(() => tf.add<tf.Tensor1D>(tf.range(0, size), 100 * rank));
const sum = Array.from({ length: size }, (_, i) => 3 * i + 300);

// Slices of six: in one piece, in pieces that divide them, in pieces that do not, and of a number each.
for (const most of [undefined, 6, 12, 1]) {
  const name = most === undefined ? "one piece" : `pieces of ${most} numbers`;

  Deno.test(`slices of all vectors are summed up in ${name}`, async () => {
    const groups = pretendedGroups(ranks);
    const before = tf.memory().numTensors;
    const sums = await Promise.all(groups.map(async (group, rank) => {
      const vector = vectorOf(rank), rows = slicesOf(vector, ranks);
      const own = await sumSlices(group, rows, most);
      const values = await own.array();
      tf.dispose([vector, rows, own]);
      return values;
    }));
    assertEquals(sums.flat(), [...sum, 0]);
    assertEquals(tf.memory().numTensors, before, "tensors are left");
  });

  Deno.test(`slices become the whole at every process in ${name}`, async () => {
    const before = tf.memory().numTensors;
    await Promise.all(
      pretendedProcesses(ranks).map(async (group, rank) => {
        const vector = vectorOf(0), own = takeSlice(vector, sliceOf(size, { rank, size: ranks }));
        const whole = await gatherWhole(group, own, size, most);
        assertEquals(await whole.array(), await vector.array());
        const onHost = await gatherToHost(group, own, most);
        assertEquals([...onHost], [...await vector.array(), 0]);
        // Only the leader's counts.
        const given = rank === 0 ? vector : { size };
        const received = await broadcastWhole(group, given, most);
        if (rank > 0) assertEquals(await received!.array(), await vector.array());
        tf.dispose([vector, own, whole, ...received ? [received] : []]);
      }),
    );
    assertEquals(tf.memory().numTensors, before, "tensors are left");
  });
}
