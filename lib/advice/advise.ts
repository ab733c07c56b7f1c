/** The advice: whether to distil, from whom, how, and for how long. A function of what was measured alone. */
import { licenceOf, strictestPart } from "../teachers/licences.ts";
import {
  adviseComponents,
  type ComponentAdvice,
  type Expectation,
  expectStudent,
} from "./expect_student.ts";
import {
  type AdviceFacts,
  type AdviceRequest,
  fits,
  type NetworkCost,
  type StudentFacts,
  type Target,
  type TeacherFacts,
} from "./facts.ts";
import { teacherKindOf } from "./past/gather_past_runs.ts";
import type { PastRuns } from "./past/past_runs.ts";
import {
  type FeaturePlan,
  minutesOfPass,
  type MinutesPlan,
  planFeatures,
  planMinutes,
} from "./plan_minutes.ts";

/** Least R² from which on one teacher says all that the others say. */
export const saysAllFrom = 0.95;

/**
 * Fewest different images. From scratch: students of the generated world that saw 246 know no more than a network that
 * was never trained (docs/experiments.md, scarce data). From a network: one batch, a rule of thumb.
 */
export const fewestImages = { scratch: 250, network: 64 } as const;

/** Why distilling is not worth it. */
export type Objection =
  | {
    /** One teacher predicts all others, and costs no more than the target. */
    readonly rule: "one teacher is enough";
    readonly teacher: string;
    /** R² of the teacher that it predicts worst. */
    readonly leastR2: number;
  }
  | {
    readonly rule: "too few different images";
    readonly distinct: number;
    readonly needed: number;
  }
  | {
    readonly rule: "no student fits";
    readonly target: Target;
    readonly smallest: StudentFacts;
  }
  | {
    readonly rule: "too few minutes";
    readonly minutes: number;
    /** Minutes of one pass. */
    readonly needed: number;
  }
  | {
    /** All runs on record that are like it ended behind a teacher, which may be used instead. */
    readonly rule: "behind its teacher";
    readonly teacher: string;
    readonly expected: Expectation;
  };

/** What is advised, and why. */
export interface Advice {
  /** Whether there is no objection. */
  readonly isWorthIt: boolean;
  readonly objections: readonly Objection[];
  /** Teachers to learn from: first the one that the student starts from, where it starts from one. */
  readonly teachers: readonly TeacherFacts[];
  /** Teachers that the others predict, with the R². */
  readonly left: readonly { readonly name: string; readonly r2: number }[];
  readonly student: StudentFacts;
  /** The strictest licence of the teachers, which the student inherits. */
  readonly licence: { readonly teacher: string; readonly id: string };
  readonly components: readonly ComponentAdvice[];
  /** From runs on record; undefined where none is like it. */
  readonly expected?: Expectation | undefined;
  /** Undefined where steps were not measured, since an objection was clear before. */
  readonly features?: FeaturePlan | undefined;
  readonly minutes?: MinutesPlan | undefined;
}

/**
 * Gives the advice. Objections, in their order: a teacher that says all that the others say and may be used as it is;
 * too few different images; no student that costs as little as the target; minutes that are not enough for one pass; and
 * runs on record that all ended behind a teacher that may be used as it is.
 */
export function advise(facts: AdviceFacts, request: AdviceRequest, past: PastRuns): Advice {
  const student = chooseStudent(facts, request.target);
  const teachers = teachersInOrder(facts, student);
  const start = "from" in student.request ? "network" : "scratch";
  const expected = expectStudent(past, {
    start,
    teacherKind: teacherKindOf(teachers.map(({ name }) => name)),
    images: facts.step?.images ?? facts.images.count,
  });
  const { step, cache } = facts;
  const features = step && cache && planFeatures(step, cache);
  const minutes = step && features && planMinutes(step, features.kind, request.minutes);
  const objections = [
    ...earlyObjections(facts, request),
    ...minutes === undefined || minutes.passes >= 1 ? [] : [
      {
        rule: "too few minutes",
        minutes: minutes.minutes,
        needed: minutesOfPass(step!, features!.kind),
      } as const,
    ],
    ...objectionByRecord(facts, request, expected),
  ];
  const strictest = strictestPart(
    teachers.map(({ name, licence }) => ({ name, licence: licenceOf(licence) })),
  )!;
  return {
    ...{ isWorthIt: objections.length === 0, objections, teachers, student, expected },
    left: facts.choice.left.map(({ place, r2 }) => ({ name: facts.teachers[place]!.name, r2 })),
    licence: { teacher: strictest.name, id: strictest.licence.id },
    components: adviseComponents(past, start, teachers.map(({ deviation }) => deviation)),
    ...{ features, minutes },
  };
}

/** Orders networks by their size, the largest first. */
export function largestFirst(
  a: Pick<NetworkCost, "megabytes">,
  b: Pick<NetworkCost, "megabytes">,
): number {
  return b.megabytes - a.megabytes;
}

/** Objections that are clear before any step is taken. */
export function earlyObjections(facts: AdviceFacts, { target }: AdviceRequest): Objection[] {
  const { images, teachers, r2, students } = facts;
  const objections: Objection[] = [];
  const least = r2.map((row, known) => Math.min(...row.filter((_, other) => other !== known)));
  const [all] = [...teachers.keys()]
    .filter((place) => least[place]! >= saysAllFrom && fits(teachers[place]!, target))
    .sort((a, b) => least[b]! - least[a]!);
  if (all !== undefined) {
    objections.push({
      rule: "one teacher is enough",
      teacher: teachers[all]!.name,
      leastR2: least[all]!,
    });
  }
  const { distinct } = images;
  const isFromNetwork = "from" in chooseStudent(facts, target).request;
  const needed = fewestImages[isFromNetwork ? "network" : "scratch"];
  if (distinct < needed) objections.push({ rule: "too few different images", distinct, needed });
  if (target !== undefined && !students.some((student) => fits(student, target))) {
    const smallest = students.toSorted(largestFirst).at(-1)!;
    objections.push({ rule: "no student fits", target, smallest });
  }
  return objections;
}

/** The first student that costs no more than the target; the first of all where none does. */
export function chooseStudent({ students }: Pick<AdviceFacts, "students">, target?: Target) {
  return students.find((student) => fits(student, target)) ?? students[0]!;
}

/** Those that are taken, the one that the student starts from first. */
function teachersInOrder(
  { teachers, choice }: AdviceFacts,
  { name, request }: StudentFacts,
): TeacherFacts[] {
  const taken = choice.taken.map((place) => teachers[place]!);
  const isSource = (teacher: TeacherFacts) => "from" in request && teacher.name === name;
  return taken.toSorted((a, b) => Number(isSource(b)) - Number(isSource(a)));
}

/** All students like it ended behind a teacher: then the largest that may be used will do. */
function objectionByRecord(
  { teachers }: AdviceFacts,
  { target }: AdviceRequest,
  expected: Expectation | undefined,
): Objection[] {
  if (!expected?.alwaysBehind) return [];
  const [best] = teachers.filter((teacher) => fits(teacher, target)).toSorted(largestFirst);
  return best === undefined ? [] : [{ rule: "behind its teacher", teacher: best.name, expected }];
}
