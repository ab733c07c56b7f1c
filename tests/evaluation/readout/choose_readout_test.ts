/** The readout is chosen on train parts: made-up networks whose best readout is known. */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import {
  extendByPredictions,
  firstCandidates,
} from "../../../lib/evaluation/readout/candidates.ts";
import { chooseReadout, fitReadout } from "../../../lib/evaluation/readout/choose_readout.ts";
import { applyReadout, partStatistics } from "../../../lib/evaluation/readout/fit_readout.ts";
import { partExtractor } from "../../../lib/evaluation/readout/part_features.ts";
import type { ImagePack } from "../../../lib/images/packs/pack_file.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import type { Backbone } from "../../../lib/teachers/backbone.ts";
import { withReadout } from "../../../lib/teachers/readout/readout_backbone.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import {
  colourPredictor,
  smallConfig,
  smallNetwork,
} from "../../teachers/readout/readout_fixture.ts";

await startEngine();

/** As few as tell. */
const folds = 2;

const side = 8, size = side * side * 3;

/** Images of noise; the class is told by the first pixel's red, and by nothing else. */
function noise(count: number, seed: number): ImagePack {
  const values = randomStream(seed).uniform(count * size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from(
    values,
    (value, i) => i % size === 0 ? 50 + 150 * labels[Math.floor(i / size)]! : 255 * value,
  );
  return {
    count,
    canvas: side,
    classes: ["dark", "red"],
    labels,
    names: Array.from(labels, (_, i) => `${i}.png`),
    digest: `noise ${count} ${seed}`,
    read: (places) =>
      Uint8Array.from(
        Array.from(places).flatMap((i) => [...pixels.subarray(i * size, (i + 1) * size)]),
      ),
    close: () => {},
  };
}

/** A network whose stage `telling` has the first pixel's red in its tokens; all others have noise. */
function tellingAt(telling: number | "nowhere", calls: { count: number } = { count: 0 }): Backbone {
  const widths = [16, 16, 32, 64], places = [64, 64, 16, 4];
  const stages = (images: tf.Tensor4D) => {
    calls.count++;
    const flat = tf.reshape(images, [-1, size]);
    return widths.map((width, stage) => {
      const row = stage === telling
        ? tellingRow(tf.slice(flat, [0, 0], [-1, 1]), width)
        : tf.slice(flat, [0, 3 + 20 * stage], [-1, width]);
      return tf.tile(tf.expandDims<tf.Tensor3D>(row, 1), [1, 1 + places[stage]!, 1]);
    });
  };
  return {
    ...{ name: "made up", family: "none", licence: "Apache-2.0", digest: `telling ${telling}` },
    ...{ input: { size: side, mean: [0, 0, 0], std: [1, 1, 1] }, width: 64, parameterCount: 0 },
    tokens: ["cls", "patch"],
    encoder: smallConfig,
    grid: () => [2, 2],
    stages,
    features(images) {
      const last = stages(images)[3]!;
      return {
        cls: tf.squeeze<tf.Tensor2D>(tf.slice(last, [0, 0, 0], [-1, 1, -1]), [1]),
        patch: tf.slice(last, [0, 1, 0], [-1, -1, -1]),
      };
    },
    dispose: () => {},
  };
}

/** Red and what lacks of it in turn, so that directions tell as well as lengths. */
function tellingRow(red: tf.Tensor, width: number): tf.Tensor {
  const turn = tf.tensor1d(Array.from({ length: width }, (_, i) => i % 2));
  return tf.abs(tf.sub(turn, red));
}

/** A task whose test part cannot be touched. */
function trainOnly(name: string, train: ImagePack) {
  return {
    name,
    train,
    get test(): ImagePack {
      throw new Error("A test image was asked for");
    },
  };
}

Deno.test("the stage that knows the classes is found, without a test image, and the same every time", async () => {
  const tasks = [trainOnly("a", noise(40, 1)), trainOnly("b", noise(32, 2))];
  const before = tf.memory().numTensors;
  const chosen = await chooseReadout(tellingAt(1), tasks, { folds });
  assertEquals(tf.memory().numTensors, before);
  // Stages 0 to 3: the late ones are 2 and 1, and the telling one is the deepest that is tried.
  assertEquals(chosen.stages, ["last", 2, 1]);
  assertEquals(chosen.network, "telling 1");
  assertEquals(chosen.corpus, "72 train images of a, b");
  assertEquals(chosen.trials?.length, 5);
  const scores = new Map(chosen.trials!.map(({ readout, score }) => [readout, score]));
  assertGreater(scores.get("last, stage 2 and stage 1, standardised")!, 75);
  assert(scores.get("as it is")! < 65, `${scores.get("as it is")}`);
  assertEquals(await chooseReadout(tellingAt(1), tasks, { folds }), chosen);
});

Deno.test("of equally good readouts the simplest wins: features that know the classes stay as they are", async () => {
  const network = tellingAt(3);
  const { stages, standardized, statistics } = await chooseReadout(network, [
    trainOnly("a", noise(40, 1)),
  ], { folds });
  assertEquals([stages, standardized, statistics], [["last"], undefined, undefined]);
});

Deno.test("a prediction that knows the classes is added to the stages, one that does not is not", async () => {
  const predictor = (digest: string, stage: number) => ({
    ...colourPredictor,
    digest,
    stages: [stage],
    predict: (outputs: readonly (tf.Tensor3D | undefined)[]) =>
      colourPredictor.predict([
        tf.slice(tf.pad(outputs[stage]!, [[0, 0], [0, 64], [0, 0]]), [0, 0, 0], [-1, 65, 16]),
      ]),
  });
  const tasks = [trainOnly("a", noise(40, 1))];
  // The stem is in no candidate, so only the predictions tell.
  const telling = await chooseReadout({ ...tellingAt(0), predictor: predictor("yes", 0) }, tasks, {
    folds,
  });
  assertEquals(Object.keys(telling.predictions ?? {}), ["colour"]);
  const knowing = await chooseReadout({ ...tellingAt(3), predictor: predictor("no", 2) }, tasks, {
    folds,
  });
  assertEquals(knowing.predictions, undefined);
});

Deno.test("train parts beyond the limit are cut, the classes taking turns; stages are computed once and kept", () =>
  inTemporaryFolder(async (folder) => {
    const calls = { count: 0 }, tasks = [trainOnly("a", noise(24, 1))];
    const options = { limit: 12, folds, folder };
    const first = await chooseReadout(tellingAt(1, calls), tasks, options);
    assertEquals(first.corpus, "12 train images of a");
    const traced = calls.count;
    assertEquals([...Deno.readDirSync(folder)].length, 1);
    assertEquals(await chooseReadout(tellingAt(1, calls), tasks, options), first);
    assertEquals(calls.count, traced);
    await chooseReadout(tellingAt(1, calls), tasks, {
      ...options,
      limit: 10,
    });
    assertEquals([...Deno.readDirSync(folder)].length, 2);
  }));

Deno.test("statistics are of all images and places, and the engine reads as the choice did", async () => {
  const network = { ...smallNetwork(), predictor: colourPredictor };
  const [a, b] = [noise(6, 1), noise(4, 2)];
  const readout = {
    stages: ["last", 1],
    standardized: true,
    predictions: { colour: 0.5 },
  } as const;
  const fitted = await fitReadout(readout, network, [{ name: "a", train: a }, {
    name: "b",
    train: b,
  }]);
  const pixels = tf.div<tf.Tensor4D>(
    tf.tensor4d([...a.read([0, 1, 2, 3, 4, 5]), ...b.read([0, 1, 2, 3])], [10, side, side, 3]),
    255,
  );
  const values = (tensor: tf.Tensor) => tensor.arraySync() as number[][][];
  const channel = values(network.stages!(pixels)[1]!).map((tokens) =>
    tokens.map((token) => token[5]!)
  );
  const moments = (numbers: number[]) => {
    const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    const square = numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / numbers.length;
    return [mean, Math.max(Math.sqrt(square), 0.05 * Math.abs(mean))] as const;
  };
  const { cls, patch } = fitted.statistics!["1"]!;
  for (
    const [kind, numbers] of [
      [cls, channel.map(([first]) => first!)],
      [patch!, channel.flatMap((tokens) => tokens.slice(1))],
    ] as const
  ) {
    const [mean, deviation] = moments(numbers);
    assertAlmostEquals(kind.mean[5]!, mean, 1e-5 * (1 + Math.abs(mean)));
    assertAlmostEquals(kind.deviation[5]!, deviation, 1e-3 * deviation);
  }
  const extractor = partExtractor(network, [{ stage: "last" }, { stage: 1 }, {
    teacher: "colour",
  }]);
  const parts = [await extractor.extract(a), await extractor.extract(b)];
  extractor.dispose();
  const host = applyReadout(readout, parts[0]!, partStatistics(parts));
  const engine = withReadout(network, fitted).features(pixels).cls!.dataSync<"float32">();
  host.features.forEach((value, i) => assertAlmostEquals(value, engine[i]!, 2e-4));
  network.dispose();
});

Deno.test("the list of candidates is short, begins as it is, and fits networks of every depth", () => {
  const network = smallNetwork();
  const texts = firstCandidates(network).map(({ stages, standardized }) =>
    `${stages.join(" ")}${standardized ? " standardised" : ""}`
  );
  assertEquals(texts, [
    ...["last", "last standardised", "last 2 standardised", "last 2 1 standardised", "last 2 1"],
  ]);
  const { encoder: _encoder, ...closed } = network;
  assertEquals(firstCandidates(closed).length, 2);
  const mobile = { ...network, encoder: { kind: "mobilenet_v2", imageSize: 96 } as const };
  assertEquals(firstCandidates(mobile).at(4)?.stages, ["last", 16, 13, 9]);
  const flat = {
    ...network,
    encoder: { imageSize: 8, patchSize: 8, width: 8, depth: 1, heads: 2 },
  };
  assertEquals(firstCandidates(flat).length, 2);
  assertEquals(extendByPredictions({ stages: ["last"], predictions: { a: 1 } }, ["a"]), []);
  assertThrows(() => withReadout(network, { stages: [9], network: network.digest }));
  network.dispose();
});
