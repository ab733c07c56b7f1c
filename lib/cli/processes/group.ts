/** Commands that several processes run as one: where this process stands, and those that it starts. */
import { type GroupPlace, groupPlace, loopbackHost } from "../../engine/collectives/group_place.ts";
import {
  joinGroup,
  type JoinOptions,
  type ProcessGroup,
} from "../../engine/collectives/process_group.ts";
import type { Recipe } from "../../recipe/options.ts";
import { factDifferences } from "../../training/processes/facts.ts";
import { followDistillation } from "../../training/follow.ts";
import { UsageError } from "../command.ts";
import { spawnRanks } from "./spawn_ranks.ts";

/** A place that this process gave itself, since it starts the others. */
const ownSource = "--processes";

/**
 * The place of this process in a group: that of the environment, or the leader's where it starts the others.
 *
 * @param processes of the option `--processes`
 * @returns undefined for one process
 * @throws {UserError} for a number of processes that is none, or another one than the environment's
 */
export function readPlace(processes: number | undefined): GroupPlace | undefined {
  if (processes !== undefined && !(Number.isInteger(processes) && processes >= 1)) {
    throw new UsageError(`Found --processes ${processes}, expected a whole number from 1`);
  }
  const place = groupPlace((name) => Deno.env.get(name));
  if (place !== undefined) {
    if (processes === undefined || processes === place.size) return place;
    throw new UsageError(
      `Found --processes ${processes}, but ${place.source} of the environment say ${place.size}: expected ` +
        "one of them. Leave --processes out where something else starts the processes",
    );
  }
  if (processes === undefined || processes === 1) return undefined;
  return { rank: 0, size: processes, host: loopbackHost, port: 0, source: ownSource };
}

/** Refuses a run without a recipe. */
export function recipeNeeded({ size }: GroupPlace): UsageError {
  return new UsageError(
    `Found --images for ${size} processes, expected a RECIPE: one process chooses a recipe from the ` +
      "images. Run one process with --minutes 1, then its recipe.ts with --processes",
  );
}

/** Takes part in the run of another process, and returns the exit status. */
export async function followAs(
  place: GroupPlace,
  recipe: Recipe,
  { signal, onNote }: {
    readonly signal: AbortSignal;
    readonly onNote: (line: string) => void;
  },
): Promise<number> {
  const group = await joinGroup(place, { differences: factDifferences, onNote });
  // The leader hears of an interrupt too, and ends all after its step; alone, this process ends it at once.
  signal.addEventListener(
    "abort",
    () => setTimeout(() => group.fail("it was interrupted"), 30_000),
  );
  await followDistillation(recipe, group);
  return 0;
}

/** A group that this process leads. */
export interface LedGroup extends AsyncDisposable {
  readonly group: ProcessGroup;
}

/**
 * Leads a group, whose other processes it starts itself where nothing else does.
 *
 * @param options args: of the program, for the others
 */
export async function leadFrom(
  place: GroupPlace,
  { args, onNote, differences = factDifferences }: {
    readonly args: readonly string[];
    readonly onNote: (line: string) => void;
    /** As of `joinGroup`. Default: those of a run. */
    readonly differences?: JoinOptions["differences"];
  },
): Promise<LedGroup> {
  const spawns = place.source === ownSource;
  const ranks = spawns ? spawnRanks(place.size, args) : undefined;
  try {
    const group = await joinGroup(ranks?.place ?? place, {
      ...{ differences, onNote },
      ...ranks && { environment: ranks.environment },
    });
    ranks?.supervise((name) => group.fail(name));
    return {
      group,
      async [Symbol.asyncDispose]() {
        await group.finish();
        await ranks?.end();
      },
    };
  } catch (error) {
    await ranks?.end();
    throw error;
  }
}
