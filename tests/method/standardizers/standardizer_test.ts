import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { TeacherShape } from "../../../lib/method/tokens.ts";
import { namedTensors } from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import {
  batchStatistics,
  destandardize,
  standardize,
  updateStatistics,
} from "../../../lib/method/standardizers/standardizer.ts";
import {
  batchMoments,
  blendStatistics,
  mergeMoments,
  statisticsOfMoments,
} from "../../../lib/method/standardizers/moments.ts";
import {
  initStatistics,
  type Statistics,
  type Targets,
} from "../../../lib/method/standardizers/statistics.ts";
import { assertClose } from "../../golden_values_fixture.ts";
import "../../pure_backend_fixture.ts";

const teacher: TeacherShape = { name: "a", width: 1, tokens: ["cls"], grid: [1, 1] };
const both: readonly TeacherShape[] = [
  { name: "a", width: 3, tokens: ["cls", "patch"], grid: [2, 2] },
  { name: "b", width: 2, tokens: ["patch"], grid: [1, 3] },
];

function batch(seed: number, images: number): Targets {
  const random = randomStream(seed);
  const values = (name: string, shape: number[], scale: number, shift: number) => {
    const numbers = random.at(name).normal(shape.reduce((a, b) => a * b));
    return tf.add(tf.mul(tf.tensor(numbers, shape), scale), shift);
  };
  return {
    a: {
      cls: values("a cls", [images, 3], 2, 5) as tf.Tensor2D,
      patch: values("a patch", [images, 4, 3], 3, -1) as tf.Tensor3D,
    },
    b: { patch: values("b patch", [images, 3, 2], 0.1, 20) as tf.Tensor3D },
  };
}

function assertSame(actual: Statistics, expected: Statistics, tolerance: number): void {
  const expectedByName = new Map(namedTensors(expected));
  const named = namedTensors(actual);
  assertEquals(named.length, expectedByName.size);
  for (const [name, tensor] of named) {
    assertClose(tensor, expectedByName.get(name)!.dataSync(), tolerance, name);
  }
}

Deno.test("the three-step trace (items 1, 2)", () => {
  let statistics = initStatistics([teacher]);
  const trace: [number[], number, number[], number, number][] = [
    [[1, 3], 1, [0.999999, 2.999997], 2, 1.4142146],
    [[5, 7], 0.5, [2.1213173, 3.5355289], 4, 1.4142146],
    [[0, 10], 0, [-2.8284231, 4.2426347], 4, 1.4142146],
  ];
  for (const [values, weight, outputs, mean, std] of trace) {
    const targets = { a: { cls: tf.tensor2d(values, [2, 1]) } };
    const result = standardize(targets, statistics).a!.cls!.dataSync();
    statistics = updateStatistics(statistics, targets, tf.scalar(weight));
    outputs.forEach((output, i) => assertAlmostEquals(result[i]!, output, 1e-6));
    assertAlmostEquals(statistics.a!.cls!.mean.dataSync()[0]!, mean, 1e-6);
    assertAlmostEquals(statistics.a!.cls!.std.dataSync()[0]!, std, 1e-6);
  }
});

Deno.test("statistics pool images and tokens, by teacher and token type, unbiased (items 3, 7)", () => {
  const targets = batch(1, 6);
  const updated = updateStatistics(initStatistics(both), targets, tf.scalar(1));
  for (const [name, tokens] of Object.entries(targets)) {
    for (const token of ["cls", "patch"] as const) {
      const features = tokens[token];
      if (features === undefined) continue;
      const rows = features.reshape([-1, features.shape.at(-1)!]);
      const { mean, variance } = tf.moments(rows, 0), count = rows.shape[0]!;
      const { mean: batchMean, std } = updated[name]![token]!;
      assertClose(batchMean, mean.dataSync(), 1e-6, `${name} ${token} mean`);
      const expected = variance.mul(count / (count - 1)).sqrt().add(1e-6).dataSync();
      assertClose(std, expected, 1e-3 / 3, `${name} ${token} std`);
    }
  }
});

/** Mean and unbiased deviation of each of `width` numbers, in double precision. */
function inDoublePrecision(values: Float32Array, width: number) {
  const rows = values.length / width;
  return Array.from({ length: width }, (_, i) => {
    const column = values.filter((_, at) => at % width === i);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    const squares = column.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, std: Math.sqrt(squares / (rows - 1)) };
  });
}

for (const [mean, std] of [[0, 1], [10, 0.1], [100, 0.1], [1000, 0.1], [-50, 0.5]] as const) {
  Deno.test(`features of mean ${mean} and deviation ${std} do not cancel, wherever the running ones lie`, () => {
    const width = 8;
    const values = Float32Array.from(
      randomStream(1).at("far").normal(64 * 16 * width),
      (value) => mean + std * value,
    );
    const targets = { a: { patch: tf.tensor3d(values, [64, 16, width]) } };
    const far = { name: "a", width, tokens: ["patch"], grid: [4, 4] } as const;
    const { patch } = updateStatistics(initStatistics([far]), targets, tf.scalar(1)).a!;
    const [means, stds] = [patch!.mean.dataSync(), patch!.std.dataSync()];
    inDoublePrecision(values, width).forEach((right, i) => {
      assertAlmostEquals(means[i]!, right.mean, 1e-6 * Math.max(1, Math.abs(mean)));
      assertAlmostEquals(stds[i]! / right.std, 1, 1e-3);
    });
  });
}

Deno.test("a batch's own statistics do not depend on the running ones, bit for bit", () => {
  const targets = batch(1, 6), own = batchStatistics(targets);
  for (const earlier of [batch(2, 6), { ...targets, a: { cls: tf.fill([6, 3], 1e6) } }]) {
    const running = updateStatistics(initStatistics(both), earlier as Targets, tf.scalar(1));
    assertSame(updateStatistics(running, targets, tf.scalar(1)), own, 0);
  }
});

Deno.test("a weight of 0 changes nothing, and two passes are equal (item 6)", () => {
  const statistics = updateStatistics(initStatistics(both), batch(1, 6), tf.scalar(0.7));
  const targets = batch(2, 6);
  const same = updateStatistics(statistics, targets, tf.scalar(0));
  assertSame(same, statistics, 0);
  const passes = [statistics, same].map((current) =>
    standardize(targets, current).b!.patch!.dataSync()
  );
  assertEquals(passes[0], passes[1]);
});

Deno.test("parts of a batch give the statistics of the whole (items 5, 62)", () => {
  const statistics = updateStatistics(initStatistics(both), batch(3, 8), tf.scalar(1));
  const targets = batch(4, 8), weight = tf.scalar(0.5);
  const whole = updateStatistics(statistics, targets, weight);
  for (const workers of [2, 4]) {
    const parts = Array.from({ length: workers }, (_, worker) => {
      const size = 8 / workers;
      const take = <T extends tf.Tensor>(x: T) => tf.slice(x, [worker * size], [size]);
      const { a, b } = targets;
      const part: Targets = {
        a: { cls: take(a!.cls!), patch: take(a!.patch!) },
        b: { patch: take(b!.patch!) },
      };
      return batchMoments(part);
    });
    const merged = statisticsOfMoments(parts.reduce(mergeMoments));
    assertSame(blendStatistics(statistics, merged, weight), whole, 1e-5);
  }
});

Deno.test("a constant feature stays finite (item 8)", () => {
  const targets = { a: { cls: tf.tensor2d([[3], [3]]) } };
  let statistics = initStatistics([teacher]);
  for (let step = 0; step < 3; step++) {
    const values = standardize(targets, statistics).a!.cls!.dataSync();
    assert(values.every(Number.isFinite), `${values}`);
    statistics = updateStatistics(statistics, targets, tf.scalar(1));
  }
});

Deno.test("destandardize undoes standardize (item 9)", () => {
  const statistics = updateStatistics(initStatistics(both), batch(5, 6), tf.scalar(0.9));
  const targets = batch(6, 6);
  const back = namedTensors(destandardize(standardize(targets, statistics), statistics));
  const expected = new Map(namedTensors(targets));
  assertEquals(back.length, 3);
  for (const [name, tensor] of back) {
    assertClose(tensor, expected.get(name)!.dataSync(), 1e-5, name);
  }
});

Deno.test("one row, and teachers without statistics, are refused by name (item 3)", () => {
  const single = { a: { cls: tf.tensor2d([[1]]) } }, start = initStatistics([teacher]);
  assertThrows(
    () => updateStatistics(start, single, tf.scalar(1)),
    Error,
    'teacher "a" from 1 row',
  );
  assertThrows(() => standardize({ b: single.a }, start), Error, 'tokens of teacher "b"');
});
