/**
 * One of the processes that `bench processes` times; the leader prints the outcome as JSON. Its argument is a
 * {@linkcode ProcessTask}, its environment says which rank it is.
 */
import { examineGroup } from "../../engine/collectives/examine_group.ts";
import { groupPlace } from "../../engine/collectives/group_place.ts";
import { joinGroup } from "../../engine/collectives/process_group.ts";
import { distill } from "../../training/distill.ts";
import { factDifferences } from "../../training/processes/facts.ts";
import { followDistillation } from "../../training/follow.ts";
import type { ProcessTask } from "./bench_processes.ts";
import { processesRecipe } from "./processes_recipe.ts";

const task: ProcessTask = JSON.parse(Deno.args[0] ?? "{}");
const place = groupPlace((name) => Deno.env.get(name));
const differences = "numbers" in task ? () => [] : factDifferences;
const group = place && await joinGroup(place, { differences });

if ("numbers" in task) {
  await group!.start({});
  const { sumMilliseconds } = await examineGroup(group!, task);
  if (group!.rank > 0) await group!.untilEnd();
  else {
    console.log(JSON.stringify({ sumMilliseconds }));
    await group!.finish();
  }
} else {
  const recipe = processesRecipe(task), { folder } = task;
  if (group !== undefined && group.rank > 0) await followDistillation(recipe, group);
  else {
    const times: number[] = [], losses: number[] = [];
    for await (const { loss } of distill(recipe, { folder, group })) {
      times.push(performance.now());
      losses.push(loss);
    }
    // The first half compiles and warms up.
    const half = times.length >> 1;
    const seconds = (times.at(-1)! - times[half - 1]!) / (times.length - half) / 1000;
    console.log(JSON.stringify({ secondsPerStep: seconds, losses }));
  }
}
