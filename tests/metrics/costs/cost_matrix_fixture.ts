/** A cost matrix whose outcomes are known by hand. */
import { parseCostMatrix } from "../../../lib/metrics/costs/cost_matrix.ts";

/** Costs of three classes. */
export const classes = ["ill", "unclear", "well"];
/** The same as a file. */
export const text = `true \\ predicted,ill,unclear,well
ill,0,10,100
unclear,5,0,20
well,1,2,0
`;
/** What the file holds. */
export const matrix = parseCostMatrix(text, classes);
