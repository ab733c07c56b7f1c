/** What a report is made of. */
import type { Analysis } from "../../evaluation/analysis/analysis.ts";
import type { Deployment } from "../../evaluation/deployment/deployment.ts";
import type { Pictures } from "../../evaluation/pictures/pictures.ts";
import type { TargetStatistics } from "../../runs/target_statistics.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { StepReport } from "../../runs/step_report.ts";
import type { CostRow } from "../../metrics/costs/cost.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import type { ModelRole } from "../figures/theme.ts";

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
