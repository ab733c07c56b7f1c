import { assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { jointAccuracy } from "../../../lib/metrics/representation/joint_accuracy.ts";

await startEngine();

Deno.test("features side by side: each of two models knows one half of four classes", async () => {
  const labels = Int32Array.of(0, 1, 2, 3);
  const model = (...rows: number[]) => {
    const part = { features: Float32Array.from(rows), labels, width: 2 };
    return { train: part, test: part };
  };
  const first = model(1, 0, 1, 0, 0, 1, 0, 1); // 0 and 1 look alike, so do 2 and 3
  const second = model(1, 0, 0, 1, 1, 0, 0, 1); // 0 and 2 look alike, so do 1 and 3
  const { pair, gain, all, without } = await jointAccuracy([first, second], { k: 1 });
  assertEquals(pair, [[50, 100], [100, 50]]);
  assertEquals(gain, [[0, 50], [50, 0]]);
  assertEquals([all, ...without], [100, 50, 50]);
});
