/**
 * UNIC's own setting for four steps: a student ViT-B/16 at 224 pixels, four teachers ViT-B/16, a ladder on
 * all blocks, a batch of 4 images twice for each update. The teachers' weights are random, in the files of
 * their families; the images are drawn.
 *
 * Command: `deno task bench paper` writes the teachers' files, runs three steps, is stopped, and resumes.
 * Expect:  see docs/scale.md
 */
import { defineRecipe } from "@hashigo/hashigo";

/** Where the bench writes the files of the teachers. */
const folder = "runs/paper_size/teachers";

export default defineRecipe({
  name: "paper_size",
  images: {
    sources: [{ world: { seed: 1, images: 64 } }],
    size: 224,
  },
  teachers: ["dino", "deit3", "ibot", "dbot_ft"].map((family) => ({
    name: family,
    checkpoint: `${family}:${folder}/${family}.safetensors`,
  })),
  student: { width: 768, depth: 12, heads: 12, patchSize: 16, recompute: true },
  ladder: { recompute: true },
  optimization: { batchSize: 8, accumulate: 2, steps: 4, learningRate: 1e-4, warmupSteps: 1 },
  mode: "graph",
});
