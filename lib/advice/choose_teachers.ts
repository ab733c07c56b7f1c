/** Which teachers say something that the others do not. */
import type { Predictability } from "../metrics/representation/predictability.ts";
import type { TeacherChoice } from "./facts.ts";

/** R² from which on a teacher says nothing that those beside it do not say. */
export const predictedFrom = 0.9;

/**
 * Leaves out, one after the other, the teacher that the rest predict best, as long as they predict it to an R² of
 * {@linkcode predictedFrom}; two always remain. Of equals the later one goes.
 *
 * @param teachers number of teachers
 *
 * @example
 * ```ts
 * import { chooseTeachers } from "./choose_teachers.ts";
 * // The third is predicted by whoever else is there.
 * const r2 = [0.2, 0.3, 0.95];
 * const { taken } = await chooseTeachers(3, { from: () => Promise.resolve({ r2 }) });
 * if (taken.join() !== "0,1") throw new Error("The third says nothing of its own");
 * ```
 */
export async function chooseTeachers(
  teachers: number,
  { from }: {
    from(
      members: readonly number[],
    ): Promise<Pick<Awaited<ReturnType<Predictability["from"]>>, "r2">>;
  },
): Promise<TeacherChoice> {
  let taken = Array.from({ length: teachers }, (_, place) => place);
  const left: TeacherChoice["left"][number][] = [];
  while (taken.length > 2) {
    let most = { place: -1, r2: -Infinity };
    for (const place of taken) {
      const r2 = (await from(taken.filter((other) => other !== place))).r2[place]!;
      if (r2 >= most.r2) most = { place, r2 };
    }
    if (most.r2 < predictedFrom) break;
    left.push(most);
    taken = taken.filter((place) => place !== most.place);
  }
  return { taken, left };
}
