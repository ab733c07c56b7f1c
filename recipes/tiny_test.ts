/**
 * A whole distillation in seconds, for tests and for anyone in a hurry.
 *
 * Command: `deno task distill recipes/tiny_test.ts`
 * Expect:  under 40 seconds on two cores; the loss falls, the scores mean little
 */
import { defineRecipe } from "@hashigo/hashigo";

export default defineRecipe({
  name: "tiny_test",
  images: {
    sources: [
      { path: "data/images/digits.zip", split: "train", limit: 200 },
      { path: "data/images/land_use.zip", split: "train", limit: 200 },
    ],
    size: 32,
  },
  teachers: ["specialist_digits", "resnet20_cifar10"],
  student: { width: 32, depth: 2, heads: 2, patchSize: 8 },
  optimization: { batchSize: 16, steps: 24, learningRate: 1e-3 },
  mode: "graph",
  checkpoint: { every: 5 },
  evaluation: { tasks: ["digits", "land_use"] },
});
