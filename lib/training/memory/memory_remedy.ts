/** Options with which a run that does not fit the memory would. */
import { memoryNeeded } from "../../io/memory.ts";
import { contradictions } from "../../recipe/consistency.ts";
import type { Recipe } from "../../recipe/options.ts";
import { trainingMemory } from "./memory.ts";

/**
 * The options to set so that the steps of a recipe fit into so many bytes, with the same updates: those that
 * cost least time. Undefined where none is enough.
 *
 * @param processes that share every batch; what is available is for one of them
 */
export function memoryRemedy(
  recipe: Recipe,
  available: number,
  processes = 1,
): string | undefined {
  const { optimization: { batchSize, accumulate = 1, sharded }, student, ladder } = recipe;
  const each = batchSize / processes;
  const parts = Array.from({ length: each }, (_, i) => i + 1)
    .filter((count) => count >= accumulate && each % count === 0);
  // Slices cost several processes nothing to speak of, so they come first.
  const slices = processes > 1 && !sharded ? ["optimization.sharded=true"] : [];
  for (const [blocks, heads] of [[false, false], [true, false], [true, true]] as const) {
    for (const count of parts) {
      const settings = [
        ...slices,
        ...count > accumulate ? [`optimization.accumulate=${count}`] : [],
        ...blocks && !student.recompute ? ["student.recompute=true"] : [],
        ...heads && !ladder.recompute ? ["ladder.recompute=true"] : [],
      ];
      const lean: Recipe = {
        ...recipe,
        optimization: {
          ...recipe.optimization,
          accumulate: count,
          ...slices.length > 0 && { sharded: true },
        },
        student: { ...student, ...blocks && { recompute: true } },
        ladder: { ...ladder, ...heads && { recompute: true } },
      };
      const fits = settings.length > 0 && contradictions(lean).length === 0 &&
        memoryNeeded(trainingMemory(lean, processes)) <= available;
      if (fits) return settings.join(" ");
    }
  }
  return undefined;
}
