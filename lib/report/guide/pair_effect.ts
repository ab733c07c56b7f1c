/** Effects of pairs of rows, each judged by what its experiment is judged by. */
import { effectText } from "./effect.ts";
import type { GuideInput } from "./guide_input.ts";

/** What whole images are judged by, in each family of experiments. */
const judgedBy = {
  world: ["factors"],
  real: ["mean"],
  job: ["k-NN by chosen readout", "logistic by chosen readout"],
} as const;

/** Rows `from` and `to` of an experiment. */
export type Pair = readonly [experiment: string, from: string, to: string];

/** The effect of a pair of rows, judged by what its experiment is judged by. */
export function effect(input: GuideInput, [experiment, from, to]: Pair, other?: string): string {
  const family = experiment.startsWith("main_job")
    ? judgedBy.job
    : !experiment.startsWith("world_")
    ? judgedBy.real
    : judgedBy.world;
  const columns = other === undefined ? family : [other];
  return effectText(input, { experiment, from, to, columns });
}

/** A line on a part, with its effects. */
export function bullet(input: GuideInput, title: string, pairs: readonly Pair[]): string {
  return `- **${title}**: ${pairs.map((pair) => effect(input, pair)).join("; ")}.`;
}
