/** What a report is made of. */
import type { Analysis } from "../distill/analysis.ts";
import type { Deployment } from "../distill/deployment_file.ts";
import type { Pictures } from "../distill/pictures_file.ts";
import type { TargetStatistics } from "../distill/target_statistics.ts";
import type { Recipe } from "../distill/recipe_types.ts";
import type { StepReport } from "../distill/step_report.ts";
import type { CostRow } from "../metrics/cost.ts";
import type { EvaluationRow } from "../metrics/scorecard.ts";
import type { ModelRole } from "./theme.ts";

/** Everything that a report may show; what is absent or empty has no section. */
export interface ReportInput {
  /** As it was run. */
  readonly recipe: Recipe;
  /** Every update of the run, from its log. */
  readonly reports: readonly StepReport[];
  /** What was measured; may be empty. */
  readonly rows: readonly EvaluationRow[];
  /** May be empty. */
  readonly costs: readonly CostRow[];
  /** Models in the order of the tables, with their roles. */
  readonly models: readonly (readonly [name: string, role: ModelRole])[];
  /** Of the teachers' features, as they were standardised in the end. */
  readonly statistics?: readonly TargetStatistics[];
  /** What the models make of images. */
  readonly pictures?: Pictures;
  /** What they know, and how alike they are. */
  readonly analysis?: Analysis;
  /** What they cost where they run. */
  readonly deployment?: Deployment;
  /** Unreadable images that were replaced. */
  readonly quarantined?: number;
  /** Unreadable images of the tasks, which were left out. */
  readonly excluded?: number;
  /** Digest of the final state. */
  readonly stateDigest?: string;
  /** Machine, engine and versions, in words. */
  readonly environment?: string;
}
