/**
 * One of the processes that `torture --processes` harms: a tiny distillation among several, resumed where there is
 * one. The leader prints every step, and the end, as JSON. Its environment says which rank it is, its argument the
 * folder, and whether each process keeps a slice of the moments.
 */
import tinyTest from "../../../recipes/tiny_test.ts";
import { groupPlace } from "../../engine/collectives/group_place.ts";
import { joinGroup } from "../../engine/collectives/process_group.ts";
import { UserError } from "../../errors/user_error.ts";
import { distill } from "../../training/distill.ts";
import { factDifferences } from "../../training/processes/facts.ts";
import { followDistillation } from "../../training/follow.ts";
import type { RankTask } from "./process_ranks.ts";

const { folder, sharded } = JSON.parse(Deno.args[0] ?? "") as RankTask;
const recipe = { ...tinyTest, optimization: { ...tinyTest.optimization, sharded } };

try {
  const place = groupPlace((name) => Deno.env.get(name));
  const group = place && await joinGroup(place, { differences: factDifferences });
  if (group !== undefined && group.rank > 0) await followDistillation(recipe, group);
  else {
    const run = distill(recipe, { folder, resume: true, group });
    let next = await run.next();
    for (; !next.done; next = await run.next()) {
      console.log(JSON.stringify({ step: next.value.step }));
    }
    console.log(JSON.stringify({ digest: next.value.stateDigest }));
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
