/** What disagreement says, on made-up features whose truth is known. */
import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { harmOf, type HarmTeacher } from "../../../lib/inference/drift/harm.ts";
import type { FeatureMatrix } from "../../../lib/metrics/feature_matrix.ts";
import { type RandomStream, randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

const width = 6, images = 240;

function mix(source: FeatureMatrix, random: RandomStream, noise: number): FeatureMatrix {
  const weights = random.at("weights").normal(width * width), own = random.normal(images * width);
  const features = own.map((value, i) => {
    const row = Math.floor(i / width) * width;
    let sum = noise * value;
    for (let k = 0; k < width; k++) {
      sum += source.features[row + k]! * weights[k * width + i % width]! / Math.sqrt(width);
    }
    return sum;
  });
  return { features, width };
}

/** Two teachers who see the same causes; the student is off by `error`, the teachers from one another by `apart`. */
function teachers(current: { readonly error: number; readonly apart: number }): HarmTeacher[] {
  const causes = (kind: string) => ({
    features: randomStream(1).at(kind).normal(images * width),
    width,
  });
  return ["first", "second"].map((name) => {
    const sample = (kind: string, { error, apart }: typeof current) => {
      // The same weights in both kinds, other images.
      const random = randomStream(2).at(name), own = random.at(kind);
      const target = mix(causes(kind), { ...own, at: (...part) => random.at(...part) }, apart);
      const off = own.at("student").normal(images * width);
      return {
        target,
        prediction: { features: target.features.map((value, i) => value + error * off[i]!), width },
      };
    };
    const before = sample("reference", { error: 0.3, apart: 0.3 });
    const after = sample("current", current);
    return {
      name,
      targets: { reference: before.target, current: after.target },
      predictions: { reference: before.prediction, current: after.prediction },
    };
  });
}

Deno.test("harm, strange images and neither are told apart", async () => {
  const verdicts: [current: { error: number; apart: number }, verdict: string][] = [
    [{ error: 0.3, apart: 0.3 }, "none"],
    [{ error: 1, apart: 0.3 }, "harmed"],
    [{ error: 1, apart: 2 }, "unusual"],
    [{ error: 0.3, apart: 2 }, "none"],
  ];
  for (const [current, verdict] of verdicts) {
    const harm = await harmOf(teachers(current), randomStream(0));
    assertEquals(harm.verdict, verdict, JSON.stringify({ current, harm }));
    assertEquals(harm.images, { reference: 120, current: 120 });
  }
});

Deno.test("the teachers' share is near what the noise between them makes it", async () => {
  const { teachers: share, each } = await harmOf(
    teachers({ error: 0.3, apart: 1 }),
    randomStream(0),
  );
  assert(share !== undefined && share.times > 1.5, JSON.stringify(share));
  // Causes of variance about 1 and noise of 0.09 and of 1: a map cannot tell the noise of either.
  assert(share.reference > 0.09 / 1.09 && share.reference < 0.45, `${share.reference}`);
  assert(share.current > 1 / 2 && share.current < 1, `${share.current}`);
  assertEquals(each.map(({ name }) => name), ["first", "second"]);
  // Of teachers that share nothing, a map tells less than the mean of images that it was not fitted to.
  const { teachers: apart } = await harmOf(
    teachers({ error: 0.3, apart: 50 }),
    randomStream(0),
  );
  assert(apart !== undefined && apart.current > 1, `${apart?.current}`);
});

Deno.test("with one teacher a rise is a rise, and no more is said", async () => {
  const [one] = teachers({ error: 1, apart: 0.3 });
  const harm = await harmOf([one!], randomStream(0));
  assertEquals([harm.verdict, harm.teachers], ["rising", undefined]);
});
