/** Images that rise in size, with all that they go together with: left in every phase, resumed to the same end. */
import { assert, assertEquals } from "@std/assert";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { distill } from "../../lib/training/distill.ts";
import type { Teacher } from "../../lib/teachers/backbone.ts";
import { cacheFiles, runToEnd, withOwnCache } from "./shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "./tiny_distillation_fixture.ts";

/** One on 4 x 4 and one on 2 x 2 places. */
function teachers(): Teacher[] {
  const coarse = { ...madeUpTeacher(undefined, "coarse"), input: inputOf(16) };
  return [{ ...madeUpTeacher(), input: inputOf(32), grid: () => [4, 4] }, coarse];
}

function inputOf(size: number) {
  return { size, mean: [0, 0, 0], std: [1, 1, 1] } as const;
}

function rising(folder: string, more: Partial<RecipeInput>): Recipe {
  const { images, student: { patchSize: _, ...student }, ...recipe } = recipeOver(folder);
  return defineRecipe({
    ...recipe,
    images: { ...images, size: 32 },
    teachers: ["made_up", "coarse"],
    student: { ...student, depth: 2, patchSize: 8, dropPath: 0.2, resolutions: [16, 24, 32] },
    ...more,
  });
}

const convolutional = {
  kind: "mobilenet_v2",
  widthMultiplier: 0.25,
  depthMultiplier: 0.1,
  inputSize: 64,
  resolutions: [32, { size: 64, until: 0.5 }, { size: 96, until: 0.9 }].slice(0, 1),
} as const;
