/** The recipe of a run that its tests only measure: convolutions, which take no time to compile. */
import type { RecipeInput } from "../../lib/recipe/input.ts";

/** Two steps on eight generated images; each test gives it a name of its own. */
export const convolutionalRun = {
  images: {
    sources: [{ world: { seed: 2, images: 8 } }],
    size: 32,
    views: 1,
    augmentation: false,
  },
  teachers: ["resnet20_cifar10"],
  student: { kind: "resnet_cifar", blocks: 1 },
  ladder: { hidden: 8, lastHidden: 8 },
  optimization: { batchSize: 4, steps: 2 },
  mode: "graph",
} as const satisfies Omit<RecipeInput, "name">;
