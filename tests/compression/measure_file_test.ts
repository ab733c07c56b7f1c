import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { type CompressionPoint, frontsOf } from "../../lib/compression/curve.ts";
import { measureMilliseconds } from "../../lib/compression/measure_file.ts";
import { onnxExtractor } from "../../lib/compression/onnx_extractor.ts";
import type { OnnxRuntime, OnnxSession } from "../../lib/export/onnx/runtime.ts";
import type { ImagePack } from "../../lib/images/packs/pack_file.ts";

await startEngine();

/** A runtime in which a call with a file of n bytes takes n milliseconds. */
function runtimeOf(calls: number[]): OnnxRuntime {
  return {
    open: (model) =>
      Promise.resolve({
        run: async () => {
          calls.push(model.length);
          await new Promise((resolve) => setTimeout(resolve, model.length));
          return {};
        },
        release: () => Promise.resolve(),
      }),
    feed: () => ({}),
    feedPrepared: () => ({}),
  };
}

Deno.test("files are timed in turns, and the quietest tenth of their calls counts", async () => {
  const calls: number[] = [], steps: number[] = [];
  const files = [1, 4].map((bytes) => ({ model: new Uint8Array(bytes), size: 2 }));
  const [fast = 0, slow = 0] = await measureMilliseconds(
    runtimeOf(calls),
    files,
    (done, total) => steps.push(done / total),
  );
  assert(fast >= 0.9 && fast < slow && slow >= 3.9 && slow < 40, `${fast}, ${slow}`);
  assertEquals(calls.length, 2 * 10 * 13);
  assertEquals([calls[0], calls[13], calls[26]], [1, 4, 1]);
  assertEquals(steps.at(-1), 1);
});

Deno.test("a file gets each image prepared as its student does, channels first", async () => {
  const fed: Float32Array[] = [];
  const runtime: OnnxRuntime = {
    ...runtimeOf([]),
    feedPrepared: (values) => {
      fed.push(Float32Array.from(values));
      return {};
    },
  };
  const session: OnnxSession = {
    run: () =>
      Promise.resolve({
        cls: { data: Float32Array.from({ length: 32 * 2 }, (_, i) => i), dims: [32, 2] },
        patch: { data: Float32Array.from({ length: 32 * 8 }, (_, i) => i), dims: [32, 4, 2] },
      }),
    release: () => Promise.resolve(),
  };
  // Images of two by two pixels: red 255, green 0, blue 51.
  const pack = {
    ...{ canvas: 2, count: 3 },
    read: (places: readonly number[]) =>
      Uint8Array.from(places.flatMap(() => Array(4).fill([255, 0, 51]).flat())),
  } as unknown as ImagePack;
  const input = { size: 2, mean: [0.5, 0.5, 0], std: [0.5, 0.25, 0.1] } as const;
  const extractor = onnxExtractor(runtime, session, { input, width: 2 });
  const { cls, patch } = await extractor.extract(pack);
  const first = [...fed[0]!.subarray(0, 12)].map((value) => Math.round(100 * value) / 100);
  assertEquals(first, [1, 1, 1, 1, -2, -2, -2, -2, 2, 2, 2, 2]);
  assertEquals(cls, { features: Float32Array.of(0, 1, 2, 3, 4, 5), width: 2 });
  assertEquals([...patch!.features.subarray(0, 2)], [3, 4]);
});

Deno.test("a point is on the front of time, of size, of both or of none", () => {
  const point = (milliseconds: number, bytes: number, accuracy: number) =>
    ({ milliseconds, bytes, accuracy }) as CompressionPoint;
  const fronts = frontsOf([point(2, 10, 70), point(1, 12, 70), point(3, 2, 65), point(3, 11, 60)]);
  assertEquals(fronts.map(({ milliseconds, bytes }) => [milliseconds, bytes]), [
    [false, true],
    [true, false],
    [false, true],
    [false, false],
  ]);
});
