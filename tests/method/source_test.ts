/** A student that starts from a teacher predicts that teacher, whatever else it predicts. */
import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { initLadder, ladder, type LadderConfig } from "../../lib/method/projectors/ladder.ts";
import { predictSource } from "../../lib/method/source.ts";
import { standardize } from "../../lib/method/standardizers/standardizer.ts";
import { lossesPerTeacher } from "../../lib/method/losses.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { assertClose, fill } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

const width = 5;
const config: LadderConfig = {
  ...{ width, depth: 2, grid: [2, 2], source: "own" },
  stages: [{ width: 3, grid: [4, 4] }, { width, grid: [2, 2] }],
  teachers: [
    { name: "other", width: 3, tokens: ["cls"], grid: [1, 1] },
    { name: "own", width, tokens: ["cls", "patch"], grid: [2, 2] },
  ],
};
const outputs = [fill<tf.Rank.R3>([2, 17, 3], 1), fill<tf.Rank.R3>([2, 5, width], 2)];
const statistics = {
  own: {
    cls: { mean: fill<tf.Rank.R1>([width], 3), std: tf.tensor1d([1, 2, 3, 4, 5]) },
    patch: { mean: fill<tf.Rank.R1>([width], 4), std: tf.tensor1d([5, 4, 3, 2, 1]) },
  },
};

Deno.test("the first prediction is the source's own feature, standardised: its loss is 0", () => {
  const parameters = initLadder(config, randomStream(0));
  const predictions = predictSource(
    ladder(parameters, outputs, config),
    outputs,
    config,
    { statistics },
  );
  const [cls, patch] = [
    tf.slice(outputs[1]!, [0, 0, 0], [2, 1, width]),
    tf.slice(outputs[1]!, [0, 1]),
  ];
  const targets = standardize(
    { own: { cls: tf.reshape<tf.Rank.R2>(cls, [2, width]), patch: patch as tf.Tensor3D } },
    statistics,
  );
  assertEquals(predictions.own?.cls?.dataSync(), targets.own?.cls?.dataSync());
  assertEquals(predictions.own?.patch?.dataSync(), targets.own?.patch?.dataSync());
  const { matrix } = lossesPerTeacher({ own: predictions.own! }, targets, ["own"]);
  assertClose(matrix, [0, 0], 1e-6);
});

Deno.test("other teachers are predicted as ever, and heads add to the source", () => {
  const { source: _, ...scratch } = config;
  const plain = ladder(initLadder(scratch, randomStream(0)), outputs, scratch);
  const predictions = predictSource(plain, outputs, config, { statistics });
  assertEquals(predictions.other, plain.other);
  const { mean, std } = statistics.own.cls;
  const own = tf.reshape(tf.slice(outputs[1]!, [0, 0, 0], [2, 1, width]), [2, width]);
  const expected = tf.add(plain.own!.cls!, tf.div(tf.sub(own, mean), std));
  assertClose(predictions.own!.cls!, expected.dataSync(), 1e-4);
});

Deno.test("patches of a finer last stage are averaged down to the teacher's grid", () => {
  const [first, own] = config.teachers;
  const coarse = { ...config, teachers: [first!, { ...own!, grid: [1, 1] as const }] };
  const parameters = initLadder(coarse, randomStream(0));
  const plain = ladder(parameters, outputs, coarse);
  const { own: found } = predictSource(plain, outputs, coarse, { statistics });
  const mean = tf.mean(tf.slice(outputs[1]!, [0, 1, 0]), 1, true);
  const { patch } = statistics.own;
  assertClose(found!.patch!, tf.div(tf.sub(mean, patch.mean), patch.std).dataSync(), 1e-4);
});

Deno.test("a source without statistics is refused; without a source nothing is needed", () => {
  const plain = ladder(initLadder(config, randomStream(0)), outputs, config);
  assertThrows(
    () => predictSource(plain, outputs, config, { statistics: undefined }),
    UserError,
    'Cannot predict "own"',
  );
  const { source: _, ...without } = config;
  assertEquals(predictSource(plain, outputs, without, { statistics: undefined }), plain);
});
