/** What a refused step is blamed on. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { layoutOf } from "../../../lib/tensors/parameters.ts";
import { diagnoseStep } from "../../../lib/training/guard/diagnosis.ts";
import type { StepGradients } from "../../../lib/training/trainer.ts";
import "../../pure_backend_fixture.ts";

const layout = layoutOf({ first: tf.ones([1, 2]), second: tf.ones([1, 1]) });
const setup = { images: { names: ["a.png", "b.png", "c.png"] } };

/** A step in which all is well but what is changed; its two images are the last and the first. */
function step(changed: {
  readonly parameters?: number[];
  readonly images?: number[];
  readonly features?: number[];
  readonly mean?: number;
  readonly gradient?: number[];
  readonly losses?: Record<string, { readonly total: number }>;
}): StepGradients {
  const { parameters = [1, 2, 3], images = [0, 0], features = [1, 2, 3, 4] } = changed;
  const { mean = 0, gradient = [1, -9, 2], losses = { a: { total: 1 }, b: { total: 3 } } } =
    changed;
  return {
    state: {
      step: 4,
      tensors: {
        parameters: tf.tensor1d(parameters),
        statistics: { a: { cls: { mean: tf.tensor1d([mean]), std: tf.tensor1d([1]) } } },
      },
    },
    batch: {
      images: tf.tensor4d(images, [2, 1, 1, 1]),
      targets: { a: { cls: tf.tensor2d(features, [2, 2]) } },
    },
    host: { indices: Uint32Array.of(2, 0) },
    measurements: { losses },
    gradient: tf.tensor1d(gradient),
  } as unknown as StepGradients;
}

const diagnose = (
  changed: Parameters<typeof step>[0],
  kind: "spike" | "not finite" = "not finite",
) => diagnoseStep(step(changed), kind, { setup, layout });

Deno.test("a leap is that of the teacher with the largest loss", async () => {
  const { of, teacher, text } = await diagnose({}, "spike");
  assertEquals([of, teacher], ["loss", "b"]);
  assertStringIncludes(text, '"b", 3.000');
});

Deno.test("the first thing that is not finite is named: weights, views, features, statistics, loss, gradient", async () => {
  for (const wrong of [NaN, Infinity, -Infinity]) {
    const weights = await diagnose({ parameters: [1, 2, wrong], images: [wrong, 0] });
    assertEquals([weights.of, weights.tensor], ["weights", "second"]);
    const images = await diagnose({ images: [0, wrong], features: [wrong, 0, 0, 0] });
    assertEquals([images.of, images.rows], ["images", [1]]);
    assertStringIncludes(images.text, '"a.png"');
    const features = await diagnose({ features: [1, wrong, 3, 4], mean: wrong });
    assertEquals([features.of, features.teacher, features.rows], ["teacher features", "a", [0]]);
    assertStringIncludes(features.text, '"c.png"');
    const statistics = await diagnose({ mean: wrong });
    assertEquals([statistics.of, statistics.teacher], ["statistics", "a"]);
    const loss = await diagnose({ losses: { a: { total: 1 }, b: { total: wrong } } });
    assertEquals([loss.of, loss.teacher], ["loss", "b"]);
    const gradient = await diagnose({ gradient: [1, 2, wrong] });
    assertEquals([gradient.of, gradient.tensor], ["gradient", "second"]);
  }
  const { of, tensor } = await diagnose({});
  assertEquals([of, tensor], ["gradient", "first"], "the largest, where each is finite");
});
