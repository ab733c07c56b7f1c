import { assertEquals, assertRejects } from "@std/assert";
import { measureLatency } from "../../../lib/metrics/costs/latency.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

/** A made-up network with its clock, which `cost` milliseconds pass on for each call. */
function madeUp(cost: (images: number, call: number) => number) {
  let [clock, call] = [0, 0];
  const sizes: number[] = [];
  const run = (images: number) => {
    sizes.push(images);
    clock += cost(images, call++);
    return Promise.resolve();
  };
  return { run, sizes, now: () => clock };
}

Deno.test("latency is the quantiles of single calls, the first of which do not count", async () => {
  // Three slow calls, then 1 to 100 ms in another order.
  const { run, now, sizes } = madeUp((_, call) => call < 3 ? 1e6 : 1 + (call - 3) * 37 % 100);
  const { p50, p95 } = await measureLatency(run, { now, batchSizes: [1] });
  assertEquals([p50, p95], [50, 95]);
  assertEquals(sizes.length, 103 + 8);
});

Deno.test("the best batch is the fastest for an image, the smaller of equals", async () => {
  const limited = madeUp((images) => images <= 32 ? 10 : images);
  const latency = await measureLatency(limited.run, { now: limited.now });
  assertEquals([latency.batchSize, latency.imagesPerSecond], [32, 3200]);
  const even = madeUp((images) => images);
  const options = { now: even.now, batchSizes: [8, 2] };
  assertEquals((await measureLatency(even.run, options)).batchSize, 2);
});

Deno.test("a latency without batches or calls is refused", async () => {
  const { run } = madeUp(() => 1);
  for (const options of [{ batchSizes: [] }, { batchSizes: [0] }, { calls: 0 }, { warmUp: -1 }]) {
    await assertRejects(() => measureLatency(run, options), UserError, "whole numbers");
  }
});
