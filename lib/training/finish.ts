/** The end of a run: its student, its result and its summary. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import { accountOf, type AccountRates, type RunAccount } from "../metrics/costs/account.ts";
import type { DistillState } from "../method/state.ts";
import { stateDigest } from "../method/state_digest.ts";
import type { TeacherStopState } from "../method/teacher_stop.ts";
import type { RunPlan } from "../runs/run_plan.ts";
import type { RunFolder } from "../runs/run_folder.ts";
import type { StageState } from "../runs/stage_states.ts";
import { encodeStudent } from "../teachers/student_file.ts";
import { studentInputOf } from "../recipe/student_config.ts";
import { runFlop } from "./account/run_flop.ts";
import type { TrainingSetup } from "./setup.ts";
import type { StateReader } from "./saver.ts";
import type { RunProgress, RunStart } from "./start.ts";

/** How a run ended. */
export interface DistillSummary {
  /** The run folder. */
  readonly run: string;
  /** Updates done. */
  readonly steps: number;
  /** Images seen. */
  readonly images: number;
  /** Seconds of training, without pauses between resumed parts. */
  readonly seconds: number;
  /** Loss of the last step. */
  readonly loss: number;
  /** SHA-256 over every tensor of the state; equal runs have equal digests. */
  readonly stateDigest: string;
  /** Images that are unreadable and were replaced. */
  readonly quarantined: number;
  /** Which images were read and passed over, in one line. Default: not known. */
  readonly listed?: string | undefined;
  /** How its length was planned, where it had a budget of minutes. */
  readonly plan?: RunPlan | undefined;
  /** Updates after which teachers counted no more, by name, where the balancing lets them stop. */
  readonly stoppedTeachers?: { readonly [teacher: string]: number } | undefined;
  /** What it took, once it has finished; over all stages, where it has some. Default: not known. */
  readonly account?: RunAccount | undefined;
  /** False where the run was stopped before its end. */
  readonly finished: boolean;
  /** How far each stage has come, where the recipe has some; the other entries are of the newest of them. */
  readonly stages?: readonly StageState[] | undefined;
}

/** Sums up a run; of a finished one it writes the student and the result too. */
export async function finishRun(
  run: RunFolder,
  { setup, start, state, toHost, progress, rates, notMetered }: {
    readonly setup: TrainingSetup;
    readonly start: RunStart;
    readonly state: DistillState;
    readonly toHost: StateReader;
    readonly progress: RunProgress;
    readonly rates: AccountRates;
    /** Why no energy is metered. Default: it is. */
    readonly notMetered?: string | undefined;
  },
): Promise<DistillSummary> {
  const { recipe, images, teachers, student, plan } = setup, input = studentInputOf(recipe);
  const tensors = await toHost(state);
  const finished = state.step >= plan.steps, stopped = stopsOf(progress.teachers);
  const summary: DistillSummary = {
    run: run.folder,
    steps: state.step,
    images: state.step * recipe.optimization.batchSize,
    seconds: progress.seconds,
    loss: progress.loss,
    stateDigest: stateDigest(tensors),
    quarantined: images.quarantined?.length ?? 0,
    listed: images.listed,
    ...setup.budget && { plan: setup.budget },
    ...recipe.balancing.stop && { stoppedTeachers: stopped },
    ...finished && progress.use && {
      account: {
        ...accountOf(progress.use, rates),
        ...notMetered !== undefined && { notMetered },
        // A teacher of one's own may take whole batches alone: then its arithmetic is not known.
        flop: await runFlop(setup, stopped).catch(() => undefined),
      },
    },
    finished,
  };
  if (summary.finished) {
    const metadata = {
      recipe: recipe.name,
      teachers: teachers.map(({ name }) => name).join(" "),
      teacherLicences: JSON.stringify(start.licences),
    };
    await writeFileAtomic(run.student, encodeStudent(tensors, student.encoder, metadata, input));
    await writeFileAtomic(run.result, JSON.stringify(summary, null, 2) + "\n");
  }
  return summary;
}

function stopsOf(teachers: TeacherStopState): Record<string, number> {
  return Object.fromEntries(
    Object.entries(teachers).flatMap(([name, { stoppedAfter }]) =>
      stoppedAfter === undefined ? [] : [[name, stoppedAfter]]
    ),
  );
}
