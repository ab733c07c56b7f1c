/** The parts of a report. */
import type { Analysis } from "../../evaluation/analysis/analysis.ts";
import type { Deployment } from "../../evaluation/deployment/deployment.ts";
import type { ModelReadout } from "../../evaluation/results.ts";
import type { Selection } from "../../evaluation/selection/selection.ts";
import type { Pictures } from "../../evaluation/pictures/pictures.ts";
import type { TargetStatistics } from "../../runs/target_statistics.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { RunOrigin } from "../../runs/run_origin.ts";
import type { RunPlan } from "../../runs/run_plan.ts";
import type { StageState } from "../../runs/stage_states.ts";
import type { StepReport } from "../../runs/step_report.ts";
import type { RunAccount } from "../../metrics/costs/account.ts";
import type { CostRow } from "../../metrics/costs/cost.ts";
import type { EvaluationRow, MeanVerdict } from "../../metrics/comparison/evaluation_row.ts";
import type { ModelRole } from "../figures/theme.ts";

/** Everything that a report can show; parts that are absent or empty get no section. */
export interface ReportInput {
  /** The recipe as it was run. */
  readonly recipe: Recipe;
  /** Every update of the run, from its log. */
  readonly reports: readonly StepReport[];
  /** Scores of the models; may be empty. */
  readonly rows: readonly EvaluationRow[];
  /** Students against the teacher of the best mean. Default: none. */
  readonly means?: readonly MeanVerdict[] | undefined;
  /** How models were read out beside as they are. Default: as they are only. */
  readonly readouts?: readonly ModelReadout[] | undefined;
  /** Parameters, operations and time of the models; may be empty. */
  readonly costs: readonly CostRow[];
  /** Models in the order of the tables, with their roles. */
  readonly models: readonly (readonly [name: string, role: ModelRole])[];
  /** Statistics of the teachers' features at the last checkpoint. */
  readonly statistics?: readonly TargetStatistics[] | undefined;
  /** Pictures of features and segmentations. */
  readonly pictures?: Pictures | undefined;
  /** How alike the models are, and what one adds to another. */
  readonly analysis?: Analysis | undefined;
  /** How the teachers could have been chosen. */
  readonly selection?: Selection | undefined;
  /** What the models cost where they run. */
  readonly deployment?: Deployment | undefined;
  /** Unreadable images that were replaced. */
  readonly quarantined?: number | undefined;
  /** Unreadable images of the tasks, which were left out. */
  readonly excluded?: number | undefined;
  /** What the run took, over all its stages. */
  readonly account?: RunAccount | undefined;
  /** Digest of the final state. */
  readonly stateDigest?: string | undefined;
  /** How the length of the run was planned, where it had a budget of minutes. */
  readonly plan?: RunPlan | undefined;
  /** The stages of the recipe. Default: it has none. */
  readonly stages?: readonly StageState[] | undefined;
  /** By what command, when and where the run was begun. */
  readonly origin?: RunOrigin | undefined;
}
