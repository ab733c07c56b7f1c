/** What runs on record say of a run like the one that is planned. */
import { judgeIncrements, type NextValue, nextValue } from "../metrics/comparison/increment.ts";
import type { ComponentName, PastComponent, PastRun, PastRuns } from "./past/past_runs.ts";

/** A run that is planned. */
export interface PlannedRun {
  readonly start: PastRun["start"];
  readonly teacherKind: PastRun["teacherKind"];
  /** Images of a pass. */
  readonly images: number;
}

/** Where students like the planned one ended. */
export interface Expectation {
  /** Points over the best single teacher, with the 90 % interval of one more run; `seeds` counts the runs. */
  readonly lead: NextValue;
  /** Between the mean of the teachers, 0, and the best of them, 1; undefined where no run was set beside all. */
  readonly place?: NextValue | undefined;
  /** Whether every run on record ended behind its best teacher. */
  readonly alwaysBehind: boolean;
  readonly images: PastRun["images"];
  /** Fewest and most minutes of these runs. */
  readonly minutes: readonly [number, number];
  /** Images that the shortest of them saw, each as often as it did; undefined where no number is on record. */
  readonly seen?: number | undefined;
  /** Rows and recipes that it is read from. */
  readonly sources: readonly string[];
}

/** Runs of fewer or more images than these factors of the planned ones do not count where there are others. */
const comparable = { least: 1 / 4, most: 4 };

/**
 * Reads the expectation from runs of the same start and kind of teachers: on real images, and only where there is none
 * on generated ones.
 *
 * @returns undefined where no run on record is like it
 */
export function expectStudent(
  { runs }: Pick<PastRuns, "runs">,
  { start, teacherKind, images }: PlannedRun,
): Expectation | undefined {
  const alike = runs.filter((run) => run.start === start && run.teacherKind === teacherKind);
  const real = alike.filter((run) => run.images === "real");
  const group = real.length > 0 ? real : alike;
  const near = group.filter(({ imageCount }) =>
    imageCount === null ||
    imageCount >= comparable.least * images && imageCount <= comparable.most * images
  );
  const counted = near.length > 0 ? near : group;
  if (counted.length === 0) return undefined;
  const leads = counted.flatMap((run) => run.leads), places = counted.flatMap((run) => run.places);
  const minutes = counted.map((run) => run.minutes);
  const seen = counted.flatMap((run) => run.seen ?? []);
  return {
    lead: nextValue(leads),
    place: places.length === 0 ? undefined : nextValue(places),
    alwaysBehind: leads.every((lead) => lead < 0),
    images: counted[0]!.images,
    minutes: [Math.min(...minutes), Math.max(...minutes)],
    seen: seen.length === 0 ? undefined : Math.min(...seen),
    sources: counted.map(({ source }) => source),
  };
}

/** Whether a part of the method is switched on, and by what. */
export interface ComponentAdvice {
  readonly component: ComponentName;
  readonly isOn: boolean;
  /**
   * "measured": teachers differ in scale; "record": runs on record tell clearly; "method": they do not, and the method
   * has it on.
   */
  readonly by: "measured" | "record" | "method";
  /** The largest typical deviation of a teacher's features over the smallest, where that decides. */
  readonly scales?: number | undefined;
  /** What it added on record, where there are pairs of runs; `seeds` counts them. */
  readonly added?: Pick<NextValue, "mean" | "deviation" | "seeds"> | undefined;
  /** What these pairs are of. */
  readonly pairs?: Pick<PastComponent, "images" | "start"> | undefined;
}

/** Factor between the scales of teachers from which on they need to be made alike. */
export const unlikeScales = 2;

/**
 * Decides each part by pairs of runs of the same start, or, where there are none, of the other: first those on real
 * images, then those on generated ones. The first group whose 90 % interval leaves 0 out decides; where none does, the
 * part stays on, as the method has it. Standardisation is on where the scales of the teachers differ.
 *
 * @param deviations typical deviations of the teachers' features
 */
export function adviseComponents(
  { components }: Pick<PastRuns, "components">,
  start: PastRun["start"],
  deviations: readonly number[],
): ComponentAdvice[] {
  const scales = Math.max(...deviations) / Math.min(...deviations);
  return (["standardisation", "ladder", "dropping"] as const).map((component) => {
    const all = components.filter((group) => group.component === component);
    const alike = all.filter((group) => group.start === start);
    const groups = (alike.length > 0 ? alike : all)
      .toSorted((a, b) => Number(b.images === "real") - Number(a.images === "real"));
    const clear = groups.find(({ increments }) => isClear(increments));
    const shown = clear ?? groups[0];
    const added = shown && nextValue(shown.increments);
    const record = added && {
      added: { mean: added.mean, deviation: added.deviation, seeds: added.seeds },
      pairs: { images: shown.images, start: shown.start },
    };
    if (component === "standardisation" && scales >= unlikeScales) {
      return { component, isOn: true, by: "measured", scales, ...record };
    }
    if (clear === undefined) return { component, isOn: true, by: "method", ...record };
    return { component, isOn: added!.mean > 0, by: "record", ...record };
  });
}

function isClear(increments: readonly number[]): boolean {
  return (["up", "down"] as const).some((way) => judgeIncrements(increments, way) === "agrees");
}
