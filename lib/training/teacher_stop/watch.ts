/** Measures teachers on held-out images, and stops those that have nothing more to give. */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { heldOutLosses } from "../../method/held_out.ts";
import type { DistillState } from "../../method/state.ts";
import type { DistillBatch, DistillTensors } from "../../method/step.ts";
import type { StudentParameters } from "../../method/student.ts";
import {
  judgeTeachers,
  stoppedTeachers,
  type TeacherStopState,
} from "../../method/teacher_stop.ts";
import type { Layout } from "../../tensors/parameters.ts";
import { compiledPrecision, studentMode } from "../arithmetic.ts";
import { drawImages } from "../batch.ts";
import { lazyViews } from "../lazy_views.ts";
import { type TrainingSetup, viewsOf } from "../setup.ts";
import { openPrefix } from "../prefix.ts";
import { studentOf, withSize } from "../resolution.ts";
import { openTargets } from "../targets.ts";
import { prepareBatch, stepConfig } from "../trainer.ts";

/** Watches the teachers of one run. */
export interface TeacherWatch {
  /** For the checkpoint. */
  readonly state: TeacherStopState;
  /** Names of the teachers that count no more. */
  readonly stopped: readonly string[];
  /** Whether it is time to measure, after so many updates. */
  isDue(step: number): boolean;
  /**
   * Measures the state, which it borrows, and stops teachers.
   *
   * @returns the loss of every teacher that counted, and the names of those that stop now
   */
  measure(state: DistillState): Promise<HeldOutMeasurement>;
  dispose(): void;
}

/** One measurement on held-out images. */
export interface HeldOutMeasurement {
  /** Mean loss by teacher. */
  readonly losses: { readonly [teacher: string]: number };
  /** Teachers that count no more from now on. */
  readonly stopping: readonly string[];
}

/**
 * Watches teachers from a state on; undefined where the recipe lets none stop. One view of each held-out
 * image is drawn, the same every time, and seen at the student's own size; its targets come from where those
 * of the run come from.
 */
export async function openTeacherWatch(
  setup: TrainingSetup,
  { layout, parameters, state: first }: {
    readonly layout: Layout<StudentParameters>;
    /** Flat, `[size]`, of which the frozen ones are copied; borrowed. */
    readonly parameters: tf.Tensor1D;
    readonly state: TeacherStopState;
  },
): Promise<TeacherWatch | undefined> {
  const { recipe, heldOut, student } = setup;
  const rule = recipe.balancing.stop;
  if (rule === undefined || heldOut === undefined) return undefined;
  const { batchSize } = recipe.optimization;
  const atOwnSize = withSize(setup, studentOf(setup).input.size);
  const own = { ...atOwnSize, images: heldOut, plan: { ...setup.plan, views: 1 } };
  const targets = await openTargets(own);
  const prefix = await openPrefix(own, layout, parameters);
  const views = compileLazily(viewsOf(setup), {
    mode: recipe.mode === "eager" ? "eager" : "graph",
    name: "held-out views",
  });
  const config = stepConfig(setup, layout);
  const losses = compileLazily(
    (tensors: Pick<DistillTensors, "parameters" | "statistics">, batch: DistillBatch) =>
      heldOutLosses(tensors, batch, config),
    { mode: studentMode(recipe), precision: compiledPrecision(recipe), name: "held-out losses" },
  );
  const names = student.ladder.teachers.map(({ name }) => name);
  /** Sums over some images, of every teacher that counts. */
  const measureBatch = async ({ tensors }: DistillState, from: number): Promise<number[]> => {
    const rows = Math.min(batchSize, heldOut.count - from);
    // Every batch has one shape: the last is filled up with the first images, which are not counted.
    const indices = Uint32Array.from({ length: batchSize }, (_, i) => i < rows ? from + i : 0);
    const drawn = { view: 0, size: config.input.size, ...drawImages(own, { indices, view: 0 }) };
    const batch = await prepareBatch(
      lazyViews(heldOut.canvas, drawn, views),
      drawn,
      { targets, prefix, stopped: stoppedTeachers(current) },
    );
    const { parameters, statistics } = tensors;
    const matrix = await losses({ parameters, statistics }, batch);
    const values = await matrix.data<"float32">();
    tf.dispose([batch, matrix]);
    return names.map((_, column) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += values[row * names.length + column]!;
      return sum;
    });
  };
  let current = first;
  return {
    get state() {
      return current;
    },
    get stopped() {
      return stoppedTeachers(current);
    },
    isDue: (step) => step % rule.every === 0,
    async measure(state) {
      const sums = names.map(() => 0);
      for (let from = 0; from < heldOut.count; from += batchSize) {
        (await measureBatch(state, from)).forEach((sum, i) => sums[i]! += sum);
      }
      const before = stoppedTeachers(current);
      const measured = Object.fromEntries(
        names.map((name, i) => [name, sums[i]! / heldOut.count] as const)
          .filter(([name]) => !before.includes(name)),
      );
      current = judgeTeachers(current, measured, { step: state.step, rule });
      const stopping = stoppedTeachers(current).filter((name) => !before.includes(name));
      return { losses: measured, stopping };
    },
    dispose: () => [targets, prefix, views, losses].forEach((part) => part?.dispose()),
  };
}

const stateSchema = z.object({
  teachers: z.record(
    z.string(),
    z.object({
      lowest: z.number(),
      waited: z.int().min(0),
      stoppedAfter: z.optional(z.int().min(0)),
    }),
  ),
});

/** The state in a checkpoint; empty where there is none. */
export function storedTeachers(progress: unknown): TeacherStopState {
  return stateSchema.safeParse(progress).data?.teachers ?? {};
}
