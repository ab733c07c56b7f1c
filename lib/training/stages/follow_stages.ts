/** The stages of a recipe at a process that another one leads, which says what comes next. */
import { z } from "zod";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { Recipe } from "../../recipe/options.ts";
import { stageRecipes } from "../../recipe/stages/stage_recipes.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import { teachersOfStage } from "./given_teachers.ts";

/** Options of a run that another process leads. */
export interface FollowOptions {
  /** Instead of those that the recipe names. */
  readonly teachers?: readonly Teacher[] | undefined;
  /** Gets lines that stay. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** Place of a stage, and the folder of the whole run as the leader calls it: recipes of stages name it. */
const stageWord = z.object({ stage: z.int().min(0), folder: z.string().max(4096) });

/** Says to the other processes which stage comes next. */
export async function announceStage(
  group: Pick<ProcessGroup, "say"> | undefined,
  word: z.infer<typeof stageWord>,
): Promise<void> {
  await group?.say(word);
}

/**
 * Follows the leader from stage to stage. Students of former stages are opened as the leader opens them, from its run
 * folder, so that every process must see that.
 *
 * @param options followRun: takes part in one of them
 * @throws {GroupFinished} where the leader has ended the last
 */
export async function followStages(
  recipe: Recipe,
  group: ProcessGroup,
  { followRun, ...options }: FollowOptions & {
    readonly followRun: (
      recipe: Recipe,
      group: ProcessGroup,
      options: FollowOptions,
    ) => Promise<void>;
  },
): Promise<never> {
  for (;;) {
    const { stage: place, folder } = stageWord.parse(await group.say(undefined));
    const stages = stageRecipes(recipe, folder), stage = stages[place];
    if (stage === undefined) {
      throw new Error(`The leader begins stage ${place + 1} of ${stages.length}`);
    }
    const opened = await teachersOfStage(stage, options.teachers);
    try {
      await followRun(stage.recipe, group, { ...options, teachers: opened?.teachers });
    } finally {
      opened?.dispose();
    }
  }
}
