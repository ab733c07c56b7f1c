/** A network that is read out gives its stages and predictions side by side, each at unit length times its weight. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { checkReadout } from "../../../lib/teachers/readout/check_readout.ts";
import {
  type FittedReadout,
  parseReadout,
  type Readout,
} from "../../../lib/teachers/readout/readout.ts";
import { withReadout } from "../../../lib/teachers/readout/readout_backbone.ts";
import { colourPredictor, smallNetwork } from "./readout_fixture.ts";

await startEngine();

const images = tf.tensor4d(randomStream(1).uniform(2 * 8 * 8 * 3), [2, 8, 8, 3]);

/** Of a batch, `[2][width]` or `[2][places][width]`. */
const listOf = (tensor: tf.Tensor) => tensor.arraySync() as number[][] & number[][][];

function unit(row: readonly number[], weight = 1): number[] {
  const length = Math.hypot(...row);
  return row.map((value) => weight * value / length);
}

function assertRow(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((value, i) => assertAlmostEquals(value, expected[i]!, 2e-6));
}

Deno.test("stages stand side by side, standardised and at unit length, predictions at their weight", () => {
  const network = { ...smallNetwork(), predictor: colourPredictor };
  const mean = (width: number) => Array.from({ length: width }, (_, i) => 0.01 * i);
  const deviation = (width: number) => Array.from({ length: width }, (_, i) => 0.1 + 0.01 * i);
  const numbers = (width: number) => ({ mean: mean(width), deviation: deviation(width) });
  const readout: FittedReadout = {
    stages: ["last", 2],
    standardized: true,
    predictions: { colour: 0.7 },
    network: network.digest,
    statistics: {
      last: { cls: numbers(64), patch: numbers(64) },
      "2": { cls: numbers(32), patch: numbers(32) },
    },
  };
  const read = withReadout(network, readout);
  assertEquals([read.width, read.grid()], [64 + 32 + 3, [8, 8]]);
  assertEquals(read.parameterCount, network.parameterCount + 7);
  const { cls, patch } = read.features(images);
  const stages = network.stages!(images), own = network.features(images);
  const standard = (row: number[]) =>
    unit(row.map((value, i) => (value - 0.01 * i) / (0.1 + 0.01 * i)));
  const [last, third, stem] = [listOf(own.cls!), listOf(stages[2]!), listOf(stages[0]!)];
  for (const image of [0, 1]) {
    assertRow(listOf(cls!)[image]!, [
      ...standard(last[image]!),
      ...standard(third[image]![0]!),
      ...unit(stem[image]![0]!.slice(0, 3), 0.7),
    ]);
  }
  // Row 5, column 2 of 8 x 8 lies in row 1, column 0 of 2 x 2, and in row 2, column 1 of 4 x 4.
  assertEquals(patch!.shape, [2, 64, 99]);
  assertRow(listOf(patch!)[1]![5 * 8 + 2]!, [
    ...standard(listOf(own.patch!)[1]![1 * 2]!),
    ...standard(third[1]![1 + 2 * 4 + 1]!),
    ...unit(stem[1]![1 + 5 * 8 + 2]!.slice(0, 3), 0.7),
  ]);
  read.dispose();
});

Deno.test("as it is, a network is itself; other readouts have other digests, and none where it has none", () => {
  const network = smallNetwork(), { digest } = network;
  assertEquals(withReadout(network, { stages: ["last"], network: digest }), network);
  const digests = [["last", 1], ["last", 2], [2]] as const;
  const read = digests.map((stages) => withReadout(network, { stages, network: digest }).digest);
  assertEquals(new Set([digest, ...read]).size, 4);
  const predicting = (digest: string) => {
    const predictor = { ...colourPredictor, digest };
    return withReadout({ ...network, predictor }, {
      stages: ["last"],
      predictions: { colour: 1 },
      network: network.digest,
    }).digest;
  };
  assertNotEquals(predicting("a"), predicting("b"));
  const nameless = { ...network, digest: "" };
  assertEquals(withReadout(nameless, { stages: [1], network: "" }).digest, "");
  network.dispose();
});

Deno.test("a network without CLS gives the mean of its patches, one without patches says the same everywhere", () => {
  const network = smallNetwork();
  const without = (kind: "cls" | "patch") => ({
    ...network,
    predictor: {
      ...colourPredictor,
      predict: (outputs: readonly (tf.Tensor3D | undefined)[]) => {
        const { colour } = colourPredictor.predict(outputs);
        return { colour: kind === "cls" ? { patch: colour!.patch! } : { cls: colour!.cls! } };
      },
    },
  });
  const readout = { stages: [0], predictions: { colour: 1 }, network: network.digest };
  const stem = listOf(network.stages!(images)[0]!)[0]!;
  // The first token of a convolutional stage is the mean of the others.
  assertRow(
    listOf(withReadout(without("cls"), readout).features(images).cls!)[0]!.slice(16),
    unit(stem[0]!.slice(0, 3)),
  );
  const patches = listOf(withReadout(without("patch"), readout).features(images).patch!)[0]!;
  assertRow(patches[9]!.slice(16), unit(stem[0]!.slice(0, 3)));
  assertRow(patches[9]!.slice(0, 16), unit(stem[1 + 9]!));
  network.dispose();
});

Deno.test("a readout that a network does not have is refused with what it has", () => {
  const network = smallNetwork(), student = { ...network, predictor: colourPredictor };
  const { encoder: _encoder, stages: _stages, ...closed } = network;
  const cases: [Readout | FittedReadout, Parameters<typeof checkReadout>[1], string][] = [
    [{ stages: ["last", 4] }, network, 'found no stage 4, expected 0 to 3, or "last"'],
    [{ stages: [0] }, closed, "found no stages that can be seen"],
    [
      { stages: ["last"], predictions: { colour: 1 } },
      network,
      "no projectors to predict colour by",
    ],
    [
      { stages: ["last"], predictions: { shape: 1 } },
      student,
      'no teacher "shape", expected one of colour',
    ],
    [
      { stages: [1], network: "another" },
      network,
      "its statistics are of the network another, found small 0",
    ],
    [
      { stages: ["last"], standardized: true, network: "small 0" },
      network,
      'found statistics of no numbers for "last", expected 64',
    ],
  ];
  for (const [readout, backbone, part] of cases) {
    assertThrows(() => checkReadout(readout, backbone), UserError, part);
  }
  const texts: [string, string][] = [
    ["{", "expected JSON such as"],
    ['{ "stages": [] }', "stages"],
    ['{ "stages": ["last", "last"] }', '"last" stands there twice'],
    ['{ "stages": ["last"], "predictions": { "a": -1 } }', "predictions"],
    ['{ "stages": ["last"], "stage": 3 }', "stage"],
  ];
  for (const [json, part] of texts) {
    const { message } = assertThrows(() => parseReadout(json, "mine.json"), UserError);
    assert(message.includes("mine.json") && message.includes(part), message);
  }
  network.dispose();
});
