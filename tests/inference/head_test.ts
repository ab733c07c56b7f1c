import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { bestTemperature, fitHead } from "../../lib/inference/fit_head.ts";
import { atTemperature, decide, type Head } from "../../lib/inference/head.ts";
import { readHead, writeHead } from "../../lib/inference/head_file.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { encodeSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const options = { classes: ["low", "middle", "high"], network: "made up", images: "numbers" };

/** Three classes in the plane, that overlap by `noise`. */
function made(count: number, noise: number) {
  const random = randomStream(0).at("made");
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const drawn = random.normal(2 * count);
  const features = Float32Array.from(
    { length: 2 * count },
    (_, i) => [Math.cos, Math.sin][i % 2]!(2 * labels[i >> 1]!) + noise * drawn[i]!,
  );
  return { features, labels, width: 2 };
}

Deno.test("a temperature of 1 changes nothing, and any keeps the order and the sum", () => {
  const rows = Float32Array.of(0.7, 0.2, 0.1, 0.05, 0.9, 0.05);
  atTemperature(rows, 3, 1).forEach((value, i) => assertAlmostEquals(value, rows[i]!, 1e-6));
  for (const temperature of [0.1, 0.5, 3, 20]) {
    const changed = atTemperature(rows, 3, temperature);
    assertAlmostEquals(changed.slice(0, 3).reduce((sum, value) => sum + value, 0), 1, 1e-6);
    assert(changed[0]! >= changed[1]! && changed[1]! >= changed[2]!);
    assertEquals(changed[0]! > rows[0]!, temperature < 1);
  }
  assertEquals([...atTemperature(Float32Array.of(1, 0), 2, 0.5)], [1, 0]);
});

Deno.test("the best temperature is where the likelihood has its top", () => {
  // Right in 3 of 4, sure by 0.99: the odds of 99 must become 3, so the temperature is log 99 / log 3.
  const probabilities = Float32Array.from({ length: 8 }, (_, i) => i % 2 ? 0.01 : 0.99);
  const temperature = bestTemperature(probabilities, Int32Array.of(0, 0, 0, 1), 2);
  assertAlmostEquals(temperature, Math.log(99) / Math.log(3), 1e-2);
});

Deno.test("unsure is what costs more than a person, and costs decide the class", () => {
  const rows = Float32Array.of(0.6, 0.4, 0.9, 0.1);
  const plain = { classes: ["ill", "well"] };
  const [first, second] = decide({ ...plain, rejection: 0.3 }, rows);
  assertEquals([first!.class, first!.unsure, second!.unsure], ["ill", true, false]);
  assertAlmostEquals(first!.probability, 0.6, 1e-6);
  assertEquals(decide(plain, rows).map(({ unsure }) => unsure), [false, false]);
  // To send an ill person home costs 100: even 10 % is too much.
  const costs = { classes: plain.classes, costs: Float64Array.of(0, 100, 1, 0) };
  const [careful] = decide({ ...plain, costs }, Float32Array.of(0.1, 0.9));
  assertEquals([careful!.class, careful!.unsure], ["ill", false]);
  assertAlmostEquals(careful!.probability, 0.1, 1e-6);
});

Deno.test("a head is fitted, and its scores are those of held-out images", async () => {
  await startEngine();
  const head = await fitHead(made(300, 0.2), { ...options, rejection: 0.5 });
  assert(head.validation.accuracy > 98);
  const [low, high] = head.validation.interval;
  assert(low < head.validation.accuracy && high <= 100 && high > head.validation.accuracy - 1);
  assertEquals(head.validation.images, 300);
  // Labels that have nothing to do with the features are guessed, however well they are learnt.
  const noise = made(120, 0.2);
  const labels = noise.labels.map((_, i) => i * 7 % 5 % 3);
  const guessed = await fitHead({ ...noise, labels }, { ...options, rejection: 0.5 });
  assert(guessed.validation.accuracy < 60, `${guessed.validation.accuracy}`);
  assert(guessed.validation.deferral!.deferred > 50);
});

Deno.test("what is learnt by heart does not count as right", async () => {
  await startEngine();
  // More numbers than images: by whatever penalty, every image is on the side of its own label.
  const width = 400, labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
  const features = Float32Array.from(randomStream(1).at("noise").normal(60 * width));
  const { validation } = await fitHead({ features, labels, width }, options);
  assert(validation.accuracy < 60, `${validation.accuracy}`);
});

Deno.test("the temperature makes a classifier as sure as it is right", async () => {
  await startEngine();
  const { validation } = await fitHead(made(600, 0.9), options);
  const [before, after] = validation.calibration;
  assert(after < 6 && after <= before + 1, `${before} -> ${after}`);
  assertEquals(validation.deferral, undefined);
});

Deno.test("the same seed gives the same head", async () => {
  await startEngine();
  const heads = [await fitHead(made(90, 0.5), options), await fitHead(made(90, 0.5), options)];
  assertEquals(heads[0], heads[1]);
});

Deno.test("a class of one image and a single class are refused", async () => {
  await startEngine();
  const two = { features: Float32Array.of(1, 2, 3), labels: Int32Array.of(0, 0, 1), width: 1 };
  await assertRejects(
    () => fitHead(two, { ...options, classes: ["a", "b"] }),
    UserError,
    'found 1 images of "b", expected at least 2',
  );
  await assertRejects(
    () => fitHead({ ...two, labels: new Int32Array(3) }, { ...options, classes: ["a"] }),
    UserError,
    "found 1 classes",
  );
});

const stored: Head = {
  classes: ["a", "b"],
  width: 2,
  weight: Float32Array.of(1, -1, 0.5, 0),
  bias: Float32Array.of(0, 0.25),
  temperature: 1.5,
  costs: { classes: ["a", "b"], costs: Float64Array.of(0, 5, 1, 0) },
  rejection: 0.5,
  validation: {
    images: 10,
    accuracy: 90,
    interval: [60, 98],
    calibration: [8, 4],
    deferral: { deferred: 100, accuracy: NaN },
  },
  network: "digest",
  images: "10 images",
};

Deno.test("a head is read as it was written", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/head.safetensors`;
    assertEquals(await readHead(path), undefined);
    await writeHead(path, stored);
    assertEquals(await readHead(path), stored);
    const { costs: _, rejection: _rejection, ...plain } = stored;
    const { deferral: _deferral, ...validation } = stored.validation;
    await writeHead(path, { ...plain, validation });
    assertEquals(await readHead(path), { ...plain, validation });
  }));

Deno.test("what is no head is refused, whatever it claims", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/head.safetensors`;
    const { weight: _, bias: _bias, width: _width, costs: _costs, ...facts } = stored;
    const weight = { shape: [2, 2], data: stored.weight }, bias = { shape: [2], data: stored.bias };
    const write = async (tensors: object, head: unknown) =>
      await Deno.writeFile(
        path,
        encodeSafetensors(
          new Map(Object.entries(tensors)),
          head === undefined
            ? {}
            : { head: typeof head === "string" ? head : JSON.stringify(head) },
        ),
      );
    const json = { ...facts, validation: { ...facts.validation, deferral: undefined } };
    const cases: [tensors: object, head: unknown, message: string][] = [
      [{ weight, bias }, undefined, "no classes"],
      [{ weight, bias }, "{", "Invalid input"],
      [{ weight, bias }, { ...json, temperature: -1 }, "temperature"],
      [{ weight, bias }, { ...json, extra: 1 }, "extra"],
      [{ weight, bias }, { ...json, classes: ["a", "b", "c"] }, "do not fit"],
      [{ weight, bias }, { ...json, costs: [0, 1] }, "do not fit"],
      [{ weight }, json, "do not fit"],
      [{ weight: { ...weight, data: Float32Array.of(1, NaN, 0, 0) }, bias }, json, "do not fit"],
    ];
    for (const [tensors, head, message] of cases) {
      await write(tensors, head);
      await assertRejects(() => readHead(path), UserError, message);
    }
    await Deno.writeTextFile(path, "nothing");
    await assertRejects(() => readHead(path), UserError);
  }));
