/** How the functions of a run are compiled, and the arithmetic of their matrix products. */
import { startEngine } from "../engine/backend.ts";
import type { Mode, Precision } from "../engine/mod.ts";
import { usualWay } from "../engine/tuning/tuning.ts";
import { useFlagSet } from "../engine/tuning/use_flags.ts";
import type { Recipe } from "../recipe/options.ts";
import type { Teacher } from "../teachers/backbone.ts";

/**
 * Starts the engine with the arithmetic of a recipe, and XLA with its flags. TF32 is a switch of the whole process: disposing of
 * the result turns it off again, so that what is measured afterwards is measured in full precision.
 */
export async function useArithmetic(
  { precision, xlaFlags }: Pick<Recipe, "precision" | "xlaFlags">,
): Promise<Disposable> {
  if (xlaFlags !== undefined) await useFlagSet(xlaFlags);
  const engine = await startEngine();
  engine.tensorFloat32 = precision === "tf32";
  return {
    [Symbol.dispose]: () => {
      engine.tensorFloat32 = false;
    },
  };
}

/** What a compiled function is told of it: TF32 is a way to multiply numbers that stay float32. */
export function compiledPrecision({ precision }: Pick<Recipe, "precision">): Precision {
  return precision === "tf32" ? "float32" : precision;
}

/** How student and gradients are compiled. */
export function studentMode({ mode }: Pick<Recipe, "mode">): Mode {
  return mode === "auto" ? usualWay.mode : mode;
}

/** How teachers are compiled: as graphs, since XLA's convolutions are slow on processors. */
export function targetCompilation(
  recipe: Pick<Recipe, "precision" | "mode" | "images">,
  teachers: readonly Pick<Teacher, "input">[],
): { readonly mode: "eager" | "graph"; readonly precision: Precision } {
  // Teachers that resize views do it by matrix products: bfloat16 is too coarse for colours.
  const resized = teachers.some(({ input }) => input.size !== recipe.images.size);
  return {
    mode: recipe.mode === "eager" ? "eager" : "graph",
    precision: resized ? "float32" : compiledPrecision(recipe),
  };
}
