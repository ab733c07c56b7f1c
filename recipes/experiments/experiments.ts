/** All experiments, the most important first: `deno task experiments` runs them in this order. */
import type { Experiment } from "../../lib/distill/experiment.ts";
import worldBalancing from "./world_balancing.ts";
import worldComponents from "./world_components.ts";
import worldDropping from "./world_dropping.ts";
import worldLadder from "./world_ladder.ts";
import worldStandardizers from "./world_standardizers.ts";

export default [
  worldComponents,
  worldDropping,
  worldBalancing,
  worldLadder,
  worldStandardizers,
] satisfies readonly Experiment[] as readonly Experiment[];
