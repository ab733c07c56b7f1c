import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { noAugmentation, scaledBlur } from "../../lib/augmentation/augmentation.ts";
import { referenceAugmentation } from "./reference_augmentation_fixture.ts";
import { cropDraws, drawCrop } from "../../lib/augmentation/crop.ts";
import { colourSlots, drawAugmentations } from "../../lib/augmentation/draw.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { UserError } from "../../lib/errors/user_error.ts";

const many = 10_000;
const size = 4;
const reference = referenceAugmentation(size);
const stream = randomStream(5);
const images = Uint32Array.from({ length: many }, (_, i) => i);
const drawn = drawAugmentations(reference, size, stream, { epoch: 0, images });

/** The steps of an image in order: their names and factors, and the slots that grey takes. */
function stepsOf(image: number): { names: string[]; factors: number[]; isGrey: boolean } {
  const names: string[] = [], factors: number[] = [];
  let isGrey = false;
  for (let slot = 0; slot < 7; slot++) {
    if (slot === 3 && drawn.hue![image] !== 0) names.push("hue"), factors.push(drawn.hue![image]!);
    const at = (image * 7 + slot) * 3;
    const [colour, grey, mean] = [...drawn.colours!.subarray(at, at + 3)];
    if (colour === 1 && grey === 0 && mean === 0) continue;
    if (slot === 6) {
      assertEquals([colour, grey, mean], [0, 1, 0]);
      isGrey = true;
      continue;
    }
    names.push(grey !== 0 ? "saturation" : mean !== 0 ? "contrast" : "brightness");
    factors.push(colour!);
    if (grey !== 0 || mean !== 0) assertAlmostEquals(grey! + mean!, 1 - colour!, 1e-6);
  }
  return { names, factors, isGrey };
}

/** Fails where a share of draws is more than four standard deviations from its probability. */
function assertShare(share: number, probability: number, count = many, what = ""): void {
  const deviation = Math.sqrt(probability * (1 - probability) / count);
  assertAlmostEquals(share, probability, 4 * deviation, `${what}: ${share}, not ${probability}`);
}

function isIdentity(matrix: Float32Array): boolean {
  return matrix.every((value, i) => value === (i % (size + 1) === 0 ? 1 : 0));
}

Deno.test("each kind comes as often as it should, in 10,000 draws (item 38)", () => {
  const steps = Array.from(images, stepsOf);
  const share = (test: (image: number) => boolean) =>
    images.filter((image) => test(image)).length / many;
  assertShare(share((i) => steps[i]!.names.length > 0), 0.8, many, "jitter");
  assertShare(share((i) => steps[i]!.isGrey), 0.2, many, "grey");
  assertShare(share((i) => drawn.solarize![i] === 1), 0.2, many, "solarise");
  const blurs = (i: number) => !isIdentity(drawn.blur!.subarray(i * 16, (i + 1) * 16));
  // The smallest sigmas leave the identity: sigma is scaled by 4 / 224, to at most 0.09.
  assertLessOrEqual(share(blurs), 0.2 + 0.016);
  const whole = drawAugmentations({ ...noAugmentation(size), flip: 0.5 }, size, stream, {
    epoch: 0,
    images,
  });
  assertShare(share((i) => whole.columns[16 * i] === 0), 0.5, many, "flip");
});

Deno.test("blur comes as often as it should, with sigma over its whole range", () => {
  const blur = { probability: 0.2, kernel: 3, sigma: [0.5, 5] } as const;
  const blurred = drawAugmentations({ ...noAugmentation(size), blur }, size, stream, {
    epoch: 0,
    images,
  });
  const sigmas: number[] = [];
  for (let i = 0; i < many; i++) {
    const matrix = blurred.blur!.subarray(i * 16, (i + 1) * 16);
    // In row 1 the three weights stand alone: outer = centre * exp(-1 / (2 sigma^2)).
    if (!isIdentity(matrix)) sigmas.push(Math.sqrt(-0.5 / Math.log(matrix[4]! / matrix[5]!)));
  }
  assertShare(sigmas.length / many, 0.2, many, "blur");
  assertAlmostEquals(sigmas.reduce((a, b) => a + b, 0) / sigmas.length, 2.75, 0.12);
  assertLess(Math.min(...sigmas), 0.52);
  assertLess(4.95, Math.max(...sigmas));
});

Deno.test("all 24 orders of the jitter come equally often, with factors over their range", () => {
  const orders = new Map<string, number>();
  const factors: Record<string, number[]> = {};
  let jittered = 0;
  for (const image of images) {
    const steps = stepsOf(image);
    if (steps.names.length === 0) continue;
    jittered++;
    assertEquals(steps.names.toSorted(), ["brightness", "contrast", "hue", "saturation"]);
    const order = steps.names.join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
    steps.names.forEach((name, i) => (factors[name] ??= []).push(steps.factors[i]!));
  }
  assertEquals(orders.size, 24);
  for (const [order, count] of orders) assertShare(count / jittered, 1 / 24, jittered, order);
  const ranges = { brightness: [0.6, 1.4], contrast: [0.6, 1.4], saturation: [0.8, 1.2] };
  for (const [name, [low, high]] of Object.entries({ ...ranges, hue: [-0.1, 0.1] })) {
    const sorted = factors[name]!.toSorted((a, b) => a - b);
    const width = high! - low!;
    for (const quantile of [0, 0.25, 0.5, 0.75, 1]) {
      const value = sorted[Math.round(quantile * (sorted.length - 1))]!;
      assertAlmostEquals(value, low! + quantile * width, 0.03 * width, `${name} ${quantile}`);
    }
  }
});

Deno.test("a view depends on seed, epoch and image, not on the batch or on other kinds that are drawn", () => {
  const config = referenceAugmentation(8);
  const draw = (seed: number, epoch: number, images: number[]) =>
    drawAugmentations(config, 12, randomStream(seed), { epoch, images });
  const batch = draw(1, 2, [30, 10, 20]);
  const alone = draw(1, 2, [20]);
  for (const name of ["rows", "columns", "colours", "hue", "blur", "solarize"] as const) {
    const all = batch[name]!, each = all.length / 3;
    assertEquals(all.subarray(2 * each), alone[name]!, name);
  }
  const onlyCrop = { ...noAugmentation(8), scale: config.scale, ratio: config.ratio };
  const crop = drawAugmentations(onlyCrop, 12, randomStream(1), { epoch: 2, images: [20] });
  assertEquals(crop.rows, alone.rows);
  assertEquals(crop.colours, undefined);
  for (const other of [draw(9, 2, [20]), draw(1, 3, [20]), draw(1, 2, [21])]) {
    assertNotEquals(other.colours, alone.colours);
  }
});

Deno.test("crops lie in the image, with areas and ratios in their ranges", () => {
  const canvas = 224;
  const logRatios: number[] = [], areas: number[] = [];
  for (const image of images) {
    const uniforms = stream.at("crop", image).uniform(cropDraws);
    const { rows, columns } = drawCrop(canvas, uniforms, {
      scale: [0.08, 1],
      ratio: [0.75, 4 / 3],
    });
    for (const { start, length } of [rows, columns]) {
      assertGreaterOrEqual(start, 0);
      assertGreaterOrEqual(length, 1);
      assertLessOrEqual(start + length, canvas);
    }
    areas.push(rows.length * columns.length / canvas ** 2);
    logRatios.push(Math.log(columns.length / rows.length));
  }
  areas.sort((a, b) => a - b);
  assertAlmostEquals(areas[0]!, 0.08, 0.01);
  assertLess(0.97, areas.at(-1)!);
  // Up to 0.75 every rectangle fits, so there the area is uniform: as many below 0.3 as to 0.52.
  const share = (low: number, high: number) =>
    areas.filter((area) => area >= low && area < high).length / many;
  assertShare(share(0.08, 0.3), share(0.3, 0.52), many / 2, "area");
  assertLess(Math.max(...logRatios.map(Math.abs)), Math.log(4 / 3) + 0.03);
  assertAlmostEquals(logRatios.reduce((a, b) => a + b, 0) / many, 0, 0.008);
});

Deno.test("where no rectangle fits, the largest with an allowed ratio is centred", () => {
  const uniforms = new Float32Array(cropDraws);
  const crop = (ratio: [number, number]) => drawCrop(60, uniforms, { scale: [4, 5], ratio });
  assertEquals(crop([0.75, 4 / 3]).rows, { start: 0, length: 60 });
  assertEquals(crop([2, 3]), {
    rows: { start: 15, length: 30 },
    columns: { start: 0, length: 60 },
  });
  assertEquals(crop([1 / 3, 1 / 2]).columns, { start: 15, length: 30 });
});

Deno.test("what is switched off is not drawn", () => {
  const none = drawAugmentations(noAugmentation(size), size, stream, { epoch: 0, images: [1, 2] });
  const { colours, hue, blur, solarize } = none;
  for (const drawn of [colours, hue, blur, solarize]) assertEquals(drawn, undefined);
  assert(isIdentity(none.rows.subarray(16)) && isIdentity(none.columns.subarray(16)));
  assertEquals(colourSlots(noAugmentation(size)), { before: 0, after: 0 });
});

Deno.test("a kernel that is even, or wider than the view, is refused", () => {
  for (const kernel of [4, 9]) {
    const blur = { probability: 0.2, kernel, sigma: [0.1, 5] } as const;
    const config = { ...noAugmentation(size), blur };
    const options = { epoch: 0, images: [1] };
    assertThrows(() => drawAugmentations(config, size, stream, options), UserError);
  }
});

/** A crop of half or sixteen per cent of ten pixels by ten, with these numbers for its place. */
function cropBy(area: number, ratio: number, place: readonly [rows: number, columns: number]) {
  const uniforms = new Float32Array(cropDraws);
  uniforms.set(place, 20);
  return drawCrop(10, uniforms, { scale: [area, area], ratio: [ratio, ratio] });
}

Deno.test("a ratio is width over height, by hand", () => {
  const { rows, columns } = cropBy(0.5, 2, [0, 0]);
  assertEquals([rows.length, columns.length], [5, 10]);
});

Deno.test("crops are placed from the first pixel to the last, rows and columns by numbers of their own", () => {
  const place = (rows: number, columns: number) => {
    const crop = cropBy(0.16, 1, [rows, columns]);
    return [crop.rows.start, crop.columns.start];
  };
  assertEquals(place(0, 0), [0, 0]);
  assertEquals(place(0.999, 0), [6, 0]);
  assertEquals(place(0, 0.999), [0, 6]);
  // Seven places, equally often.
  assertEquals(place(0.99 / 7, 1.01 / 7), [0, 1]);
});

Deno.test("flips come with their own probability, not with its complement", () => {
  const drawn = drawAugmentations({ ...noAugmentation(size), flip: 0.2 }, size, stream, {
    epoch: 0,
    images,
  });
  const flipped = images.filter((i) => drawn.columns[16 * i] === 0).length;
  assertShare(flipped / many, 0.2, many, "flip");
});

Deno.test("what is blurred is not more often solarised", () => {
  const blur = { probability: 0.5, kernel: 3, sigma: [1, 2] } as const;
  const solarize = { probability: 0.5, threshold: 0.5 };
  const drawn = drawAugmentations({ ...noAugmentation(size), blur, solarize }, size, stream, {
    epoch: 0,
    images,
  });
  const both = images.filter((i) =>
    drawn.solarize![i] === 1 && !isIdentity(drawn.blur!.subarray(i * 16, (i + 1) * 16))
  );
  assertShare(both.length / many, 0.25, many, "both");
});

Deno.test("a jitter of more than 1 does not turn colours into their negative", () => {
  const jitter = { probability: 1, brightness: 3, contrast: 3, saturation: 3, hue: 0.5 };
  const drawn = drawAugmentations({ ...noAugmentation(size), jitter }, size, stream, {
    epoch: 0,
    images: images.subarray(0, 1000),
  });
  const factors = drawn.colours!.filter((_, i) => i % 3 === 0);
  assertGreaterOrEqual(Math.min(...factors), 0);
  assertLess(3.9, Math.max(...factors));
});

Deno.test("a scaled kernel is odd, and of three pixels at least", () => {
  const blur = { probability: 0.2, kernel: 9, sigma: [0.1, 5] } as const;
  // Nine pixels of 224 are 3.9, 8.2, 12.9 and 2.0 of these sizes.
  const kernels = [96, 204, 321, 50].map((size) => scaledBlur(blur, size).kernel);
  assertEquals(kernels, [3, 9, 13, 3]);
});
