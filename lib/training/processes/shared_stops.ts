/** Teachers that count no more, at all processes: those that the leader's held-out images stop. */
import * as tf from "@tensorflow/tfjs";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { TeacherWatch } from "../teacher_stop/watch.ts";

type Sharing = Pick<ProcessGroup, "broadcast">;

/** The leader's watch, which tells all others whom it stops: when it is opened, and after each measurement. */
export async function leadingWatch(
  watch: TeacherWatch,
  group: Sharing,
  teachers: readonly string[],
): Promise<TeacherWatch> {
  await shareStopped(group, teachers, watch.stopped);
  return {
    get state() {
      return watch.state;
    },
    get stopped() {
      return watch.stopped;
    },
    isDue: (step) => watch.isDue(step),
    async measure(state) {
      const measured = await watch.measure(state);
      await shareStopped(group, teachers, watch.stopped);
      return measured;
    },
    dispose: () => watch.dispose(),
  };
}

/**
 * Names of the teachers that the leader has stopped, at every process.
 *
 * @param stopped the leader's; those of others are ignored
 */
export async function shareStopped(
  group: Sharing,
  teachers: readonly string[],
  stopped: readonly string[] = [],
): Promise<readonly string[]> {
  const own = tf.tensor1d(teachers.map((name) => Number(stopped.includes(name))));
  const all = await group.broadcast(own).finally(() => own.dispose());
  const flags = await all.data();
  all.dispose();
  return teachers.filter((_, i) => flags[i] === 1);
}
