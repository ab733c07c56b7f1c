/** Options of a distillation that are none of its recipe. */
import type { ProcessGroup } from "../engine/collectives/process_group.ts";
import type { Work } from "../io/progress_line.ts";
import type { Storage } from "../io/storage.ts";
import type { AccountOptions } from "./account/rates.ts";
import type { Recipe } from "../recipe/options.ts";
import type { RunPlan } from "../runs/run_plan.ts";
import type { StepReport } from "../runs/step_report.ts";
import type { Teacher } from "../teachers/backbone.ts";
import type { Tracker } from "../tracking/trackers.ts";
import type { DistillSummary } from "./finish.ts";
import type { Forecast } from "./forecast/forecast.ts";

/** Where and how a run happens; nothing here changes its result. */
export interface DistillOptions {
  /** Run folder. Default `runs/NAME`. */
  readonly folder?: string | undefined;
  /** Whether to go on from the newest checkpoint of the folder. Default false. */
  readonly resume?: boolean | undefined;
  /** Names of options that may differ from those that the resumed run began with. Default: none. */
  readonly allow?: readonly string[] | undefined;
  /** The teachers, which the caller disposes of. Default: those that the recipe names. */
  readonly teachers?: readonly Teacher[] | undefined;
  /**
   * Stops after the step in progress, with a checkpoint. Default: SIGINT (Ctrl-C, a notebook's
   * interrupt) and SIGTERM; a second one ends the process at once.
   */
  readonly signal?: AbortSignal | undefined;
  /** Get the report of every step, beside `log.jsonl`; none can stop the run or hold it up. */
  readonly trackers?: readonly Tracker[] | undefined;
  /** Gets lines that stay: what is opened, and warnings. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Gets how far work outside the steps has come: packing images, compiling. */
  readonly onWork?: ((work: Work) => void) | undefined;
  /**
   * Gets what the run will take, before its first step; for this each teacher is measured on a few images.
   * Default: nothing is measured.
   */
  readonly onForecast?: ((forecast: Forecast) => unknown) | undefined;
  /**
   * Processes that share every batch, of which this one leads; it ends them with the run. Default: this one
   * takes all of it.
   */
  readonly group?: ProcessGroup | undefined;
  /** Watts and grid intensity for the account of the run. Default: those of the environment. */
  readonly account?: AccountOptions | undefined;
  /** Folder of the feature cache. Default: the user's, which all runs share. */
  readonly features?: string | undefined;
  /**
   * Plan of another run of the same budget, which one that begins takes over instead of measuring its first steps: it
   * then takes as many steps, however busy the machine is. Default: it is measured.
   */
  readonly plan?: RunPlan | undefined;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** Where checkpoints are written, which tests interrupt. Default: the disk. */
  readonly files?: Storage | undefined;
}

/** Options of one run, which may be the last of a recipe with stages. */
export interface RunOptions extends DistillOptions {
  /** The recipe of whose stages it is the last. Default: its own is the whole. */
  readonly whole?: Recipe | undefined;
  /** Run whose heads the student takes over where they fit. Default: all are drawn. */
  readonly headsFrom?: string | undefined;
}

/** Distils by a recipe without stages. */
export type DistillRun = (
  recipe: Recipe,
  options: RunOptions,
) => AsyncGenerator<StepReport, DistillSummary>;
