/** Options with which a run that does not fit the memory would. */
import { memoryNeeded } from "../../io/memory.ts";
import { contradictions } from "../../recipe/consistency.ts";
import type { Recipe } from "../../recipe/options.ts";
import { trainingMemory } from "./memory.ts";

/**
 * The options to set so that the steps of a recipe fit into so many bytes, with the same updates: those that
 * cost least time. Undefined where none is enough.
 */
export function memoryRemedy(recipe: Recipe, available: number): string | undefined {
  const { optimization: { batchSize, accumulate = 1 }, student, ladder } = recipe;
  const parts = Array.from({ length: batchSize }, (_, i) => i + 1)
    .filter((count) => count >= accumulate && batchSize % count === 0);
  for (const [blocks, heads] of [[false, false], [true, false], [true, true]] as const) {
    for (const count of parts) {
      const settings = [
        ...count > accumulate ? [`optimization.accumulate=${count}`] : [],
        ...blocks && !student.recompute ? ["student.recompute=true"] : [],
        ...heads && !ladder.recompute ? ["ladder.recompute=true"] : [],
      ];
      const lean: Recipe = {
        ...recipe,
        optimization: { ...recipe.optimization, accumulate: count },
        student: { ...student, ...blocks && { recompute: true } },
        ladder: { ...ladder, ...heads && { recompute: true } },
      };
      const fits = settings.length > 0 && contradictions(lean).length === 0 &&
        memoryNeeded(trainingMemory(lean)) <= available;
      if (fits) return settings.join(" ");
    }
  }
  return undefined;
}
