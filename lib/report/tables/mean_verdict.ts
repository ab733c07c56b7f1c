/** A student against the best teacher in the mean over tasks, in words. */
import type { MeanVerdict } from "../../metrics/comparison/evaluation_row.ts";
import { signed } from "../format.ts";
import { outcomeVerbs } from "./metric_title.ts";

/**
 * Such as "mean +1.0 [+0.2, +1.8] against mobilenet: wins".
 *
 * @example
 * ```ts
 * import { meanVerdictText } from "./mean_verdict.ts";
 * const verdict = { model: "s", metric: "k-NN", tasks: 6, against: "t", p: 0.01 };
 * const text = meanVerdictText({ ...verdict, outcome: "win", difference: 1, low: 0.2, high: 1.8 });
 * if (text !== "mean +1.0 [+0.2, +1.8] against t: wins") throw new Error(text);
 * ```
 */
export function meanVerdictText({ against, outcome, difference, low, high }: MeanVerdict): string {
  return `mean ${signed(difference)} [${signed(low)}, ${signed(high)}] against ${against}: ` +
    outcomeVerbs[outcome];
}
