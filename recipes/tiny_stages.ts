/**
 * Stages in a moment: small images and one teacher first, then both and a student that has grown, and at last a small
 * student that learns from the grown one.
 *
 * Command: `deno task distill recipes/tiny_stages.ts`
 * Expect:  under a minute on two cores; three runs in one folder, the scores mean little
 */
import { defineRecipe } from "@hashigo/hashigo";
import tiny from "./tiny_test.ts";

export default defineRecipe({
  ...tiny,
  name: "tiny_stages",
  student: { width: 32, depth: 2, heads: 2, patchSize: 8, dropPath: 0 },
  optimization: { batchSize: 16, steps: 6, learningRate: 1e-3 },
  stages: [
    { name: "low", images: { size: 16 }, teachers: ["specialist_digits"] },
    { name: "grown", student: { width: 64, heads: 4, depth: 3 } },
    { name: "small", teachers: ["previous"], optimization: { steps: 12 } },
  ],
});
