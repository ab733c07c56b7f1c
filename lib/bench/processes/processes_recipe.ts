/** The recipe that `bench processes` times. */
import type { Recipe } from "../../recipe/options.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { ProcessesSetting } from "./bench_processes.ts";

/** A small student of one teacher, on photographs of land use. */
export function processesRecipe(
  { width, depth, batch, steps }: Pick<ProcessesSetting, "width" | "depth" | "batch" | "steps">,
): Recipe {
  return defineRecipe({
    name: "bench_processes",
    images: {
      sources: [{ path: "data/images/land_use.zip", split: "train", limit: 640 }],
      size: 32,
    },
    teachers: ["resnet20_cifar10"],
    student: { width, depth, heads: width / 64, patchSize: 4 },
    optimization: { batchSize: batch, steps, warmupSteps: 0, learningRate: 1e-3 },
    mode: "graph",
  });
}
