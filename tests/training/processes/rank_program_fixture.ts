/**
 * One process of a group that distils made-up images: the leader prints the outcome as JSON. Its environment says
 * which rank it is. Its argument is JSON: the `folder` of the images and of the run, and changes:
 * `steps`, `seed`, `batchSize` and `sharded` of the recipe; `resume`; `dieAt`, `hangAt` and `stallAt`, a step at
 * which this process kills itself, stops itself, or lives on without taking it; `leaveAt`, a step after which the
 * leader leaves the loop; `limit`, images of the pass; `stages`, whether a student of the student follows.
 */
import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { groupPlace } from "../../../lib/engine/collectives/group_place.ts";
import { joinGroup } from "../../../lib/engine/collectives/process_group.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import { distill } from "../../../lib/training/distill.ts";
import { factDifferences } from "../../../lib/training/processes/facts.ts";
import { followDistillation } from "../../../lib/training/follow.ts";
import { madeUpTeacher, recipeOver } from "../tiny_distillation_fixture.ts";

/** What a test changes. */
export interface RankOptions {
  readonly steps?: number;
  readonly seed?: number;
  readonly batchSize?: number;
  readonly sharded?: boolean;
  readonly limit?: number;
  readonly resume?: boolean;
  readonly dieAt?: number;
  readonly hangAt?: number;
  readonly stallAt?: number;
  readonly leaveAt?: number;
  readonly stages?: boolean;
}

async function main(folder: string, options: RankOptions): Promise<void> {
  const { resume = false, dieAt, hangAt, stallAt, leaveAt, limit, seed = 0, ...others } = options;
  const { stages = false, ...optimization } = others;
  let steps = 0;
  const teacher = madeUpTeacher();
  const features: typeof teacher.features = (images) => teacher.features(images);
  const teachers = [{ ...teacher, features }];
  const base = recipeOver(folder);
  const recipe = {
    ...base,
    seed,
    images: { ...base.images, sources: [{ ...base.images.sources[0], ...limit && { limit } }] },
    optimization: { ...base.optimization, ...optimization },
    ...stages && { stages: [{ name: "first" }, { name: "second", teachers: ["previous"] }] },
  } as Recipe;
  const place = groupPlace((name) => Deno.env.get(name));
  const note = (line: string) => console.error(`rank ${place?.rank ?? 0}: ${line}`);
  const joined = place && await joinGroup(place, { differences: factDifferences, onNote: note });
  /** Counts the operation that each step has one of. */
  const counted =
    <T extends tf.Tensor>(operate: (values: T) => Promise<T>) => (values: T): Promise<T> => {
      steps += 1;
      if (steps === dieAt) Deno.kill(Deno.pid, "SIGKILL");
      if (steps === hangAt) Deno.kill(Deno.pid, "SIGSTOP");
      if (steps === stallAt) return new Promise<never>(() => setInterval(() => {}, 1000));
      return operate(values);
    };
  const group = joined && {
    ...joined,
    ...options.sharded
      ? { allToAll: counted(joined.allToAll) }
      : { allReduce: counted(joined.allReduce) },
  };
  if (group !== undefined && group.rank > 0) {
    return await followDistillation(recipe, group, { teachers });
  }
  const run = distill(recipe, { folder: `${folder}/run`, resume, teachers, group });
  let next = await run.next();
  const losses: number[] = [];
  for (; !next.done; next = await run.next()) {
    losses.push(next.value.loss);
    if (losses.length === leaveAt) {
      await run.return(undefined as never);
      console.log(JSON.stringify({ steps: leaveAt, stateDigest: "", losses }));
      return;
    }
  }
  const { steps: taken, stateDigest, account } = next.value;
  const { user, system } = process.cpuUsage();
  const seconds = { own: (user + system) / 1e6, ofRun: account?.processorSeconds };
  console.log(JSON.stringify({ steps: taken, stateDigest, losses, seconds }));
}

if (import.meta.main) {
  const { folder, ...options } = JSON.parse(Deno.args[0] ?? "{}");
  try {
    await main(folder, options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`error: ${error.message}`);
    Deno.exit(1);
  }
}
