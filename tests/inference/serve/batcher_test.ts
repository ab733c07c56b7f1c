import { assertEquals, assertRejects } from "@std/assert";
import { batcher } from "../../../lib/inference/serve/batcher.ts";

/** Work that is done when it is let go. */
function held() {
  const batches: number[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const compute = async (inputs: readonly number[]) => {
    batches.push([...inputs]);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return inputs.map((input) => 10 * input);
  };
  return { batches, gates, compute };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("what comes while a batch is computed makes up the next", async () => {
  const { batches, gates, compute } = held();
  const work = batcher(compute, { batchSize: 3, places: 10 });
  const results = [1, 2].map(work.add);
  await turn();
  for (let i = 3; i <= 6; i++) results.push(work.add(i));
  await turn();
  assertEquals([batches, work.taken], [[[1, 2]], 6]);
  for (let i = 0; i < 3; i++) {
    gates[i]!.resolve();
    await turn();
  }
  assertEquals(batches, [[1, 2], [3, 4, 5], [6]]);
  assertEquals(await Promise.all(results), [10, 20, 30, 40, 50, 60]);
  assertEquals(work.taken, 0);
});

Deno.test("a lone input is computed at once", async () => {
  const { batches, gates, compute } = held();
  const work = batcher(compute, { batchSize: 8, places: 8 });
  const result = work.add(7);
  await turn();
  assertEquals(batches, [[7]]);
  gates[0]!.resolve();
  assertEquals(await result, 70);
});

Deno.test("more than there are places is refused, and a place that is free is given again", async () => {
  const { gates, compute } = held();
  const work = batcher(compute, { batchSize: 2, places: 3 });
  const results = [1, 2, 3].map(work.add);
  assertEquals(work.add(4), undefined);
  await turn();
  assertEquals(work.add(4), undefined);
  gates[0]!.resolve();
  await turn();
  const late = work.add(4);
  gates[1]!.resolve();
  await turn();
  gates[2]!.resolve();
  assertEquals(await Promise.all([...results, late]), [10, 20, 30, 40]);
});

Deno.test("an error is that of its batch alone", async () => {
  const work = batcher((inputs: readonly number[]) => {
    if (inputs.includes(0)) throw new Error("zero");
    return Promise.resolve(inputs);
  }, { batchSize: 2, places: 10 });
  const results = [1, 0, 2].map((input) => work.add(input)!);
  await assertRejects(() => results[0]!, Error, "zero");
  await assertRejects(() => results[1]!, Error, "zero");
  assertEquals(await results[2], 2);
});

Deno.test("idle settles once nothing waits", async () => {
  const { gates, compute } = held();
  const work = batcher(compute, { batchSize: 1, places: 10 });
  await work.idle();
  const results = [1, 2].map(work.add);
  let isIdle = false;
  const idle = work.idle().then(() => isIdle = true);
  await turn();
  gates[0]!.resolve();
  await turn();
  assertEquals(isIdle, false);
  gates[1]!.resolve();
  await idle;
  assertEquals(await Promise.all(results), [10, 20]);
});
