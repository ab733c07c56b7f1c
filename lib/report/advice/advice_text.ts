/** An advice in short sentences, each with its reason and figure. */
import type { Advice, Objection } from "../../advice/advise.ts";
import type { ComponentAdvice, Expectation } from "../../advice/expect_student.ts";
import { type AdviceFacts, fits, type NetworkCost, type Target } from "../../advice/facts.ts";
import { type FeaturePlan, minutesOfPass } from "../../advice/plan_minutes.ts";
import { duration } from "../../io/duration.ts";
import { byteSize } from "../../io/memory.ts";
import { count, grouped, signed, significant } from "../format.ts";
import { startWords } from "../tables/past_runs_table.ts";

/** What lines depend on beside advice and facts. */
export interface AdviceTextOptions {
  /** What the student may cost. */
  readonly target?: Target | undefined;
  /** Cores of the machine. */
  readonly cores: number;
}

/** Lines for people: the answer first, then what was measured, what is advised, and what past runs tell. */
export function adviceLines(
  advice: Advice,
  facts: AdviceFacts,
  options: AdviceTextOptions,
): string[] {
  return [
    advice.isWorthIt
      ? `Distil: ${answer(advice)}`
      : `Not worth it. ${advice.objections.map(objectionText).join(" ")}`,
    "",
    `Measured on this machine and these images in ${duration(facts.seconds)}:`,
    ...[
      ...measuredLines(advice, facts),
      ...featureLines(advice, facts),
      ...busyLines(facts, options),
    ]
      .map(item),
    "",
    advice.isWorthIt ? "Advised:" : "Where it is done anyway:",
    ...[...teacherLines(advice), ...studentLines(advice, options), ...minutesLines(advice, facts)]
      .map(item),
    ...advice.components.map(componentText).map(item),
    "",
    "From runs on record, on other images and other machines:",
    item(expectedText(advice)),
    ...shortLines(advice, facts).map(item),
  ];
}

function item(line: string): string {
  return `  ${line}`;
}

function answer({ teachers, student, minutes }: Advice): string {
  const start = "from" in student.request
    ? `a student that starts from ${student.name}`
    : `a ${student.name} transformer from random weights`;
  return `${count(teachers.length, "teacher")} into ${start}, ${
    minutes === undefined ? "" : `${count(minutes.minutes, "minute")}, `
  }${costText(student)}.`;
}

function costText({ milliseconds, megabytes }: NetworkCost): string {
  const size = `${significant(megabytes)} MB`;
  return milliseconds === undefined
    ? size
    : `${significant(milliseconds)} ms for one image alone, ${size}`;
}

function objectionText(objection: Objection): string {
  switch (objection.rule) {
    case "one teacher is enough":
      return `${objection.teacher} predicts every other teacher's features (least R² ${
        objection.leastR2.toFixed(2)
      }): use it as it is.`;
    case "too few different images":
      return `There are about ${
        count(objection.distinct, "different image")
      }, near-duplicates counting once, fewer than ${objection.needed}: give more images.`;
    case "no student fits": {
      const { target: { milliseconds, megabytes }, smallest } = objection;
      return `No student on offer costs at most ${milliseconds} ms and ${megabytes} MB: the smallest, ${smallest.name}, has ` +
        `${costText(smallest)}.`;
    }
    case "too few minutes":
      return `${objection.minutes} min are not enough for one pass over the images, which takes ${
        significant(objection.needed)
      } min: give --minutes ${Math.ceil(objection.needed * 1.1)}, or fewer images.`;
    case "behind its teacher": {
      const { teacher, expected: { lead, sources } } = objection;
      return `Every run on record that is like it (${count(lead.seeds, "run")}: ${
        sources.join("; ")
      }) ended behind its best teacher, ${
        signed(lead.mean)
      } points in the mean: use ${teacher} as it is.`;
    }
  }
}

function measuredLines({ teachers, left }: Advice, facts: AdviceFacts): string[] {
  const place = (name: string) => facts.teachers.findIndex((one) => one.name === name);
  const names = [...teachers.map(({ name }) => name), ...left.map(({ name }) => name)];
  return [
    imagesText(facts.images),
    ...names.map((name) => {
      const { viewMilliseconds, inputSize, milliseconds } = facts.teachers[place(name)]!;
      const known = facts.fromOthers[place(name)];
      return [
        `${name}: ${significant(viewMilliseconds)} ms for a view of ${inputSize} px in a batch`,
        milliseconds === undefined ? "" : `, ${significant(milliseconds)} ms for one image alone`,
        known === undefined ? "." : `; of its features the others predict R² ${known.toFixed(2)}.`,
      ].join("");
    }),
  ];
}

function imagesText({ count: all, looked, copies, distinct }: AdviceFacts["images"]): string {
  const seen = looked < all ? `of ${grouped(looked)} that were looked at` : "of these";
  const found = copies === 0
    ? "none is a near-duplicate of another"
    : `${grouped(copies)} ${
      copies === 1 ? "nearly repeats another" : "nearly repeat others"
    }, so about ${grouped(distinct)} are different`;
  return `${count(all, "image")}; ${seen} ${found}.`;
}

function featureLines(
  { features }: Advice,
  { step, cache, teachers, choice }: AdviceFacts,
): string[] {
  if (features === undefined || step === undefined || cache === undefined) {
    return ["No step was taken, since the answer was clear before."];
  }
  const {
    speed: { stepSeconds, newViewSeconds = stepSeconds, startSeconds },
    batchSize,
    timedBatch,
  } = step;
  const views = choice.taken.reduce((sum, place) => sum + teachers[place]!.viewMilliseconds, 0);
  return [
    `A step of ${batchSize} images${
      timedBatch === batchSize ? "" : `, reckoned from steps of ${timedBatch},`
    } takes ${significant(newViewSeconds)} s with new views, ${
      significant(stepSeconds)
    } s with kept features; ${duration(startSeconds)} to begin.`,
    `A view costs ${significant(views)} ms of teachers; what is kept of it, ${
      significant(cache.viewBytes / 1000)
    } kB, is read in ${significant(cache.readMilliseconds)} ms from memory; the disk takes ${
      byteSize(cache.diskBytesPerSecond)
    } a second.`,
  ];
}

/** Twice as many processes as cores leave each half a core. */
function busyLines({ load }: AdviceFacts, { cores }: AdviceTextOptions): string[] {
  return load === undefined || load < 2 * cores ? [] : [
    `The machine is busy (load ${load.toFixed(1)} on ${
      count(cores, "core")
    }): on a quiet one everything takes less time. Ask again then.`,
  ];
}

function teacherLines({ teachers, left, licence }: Advice): string[] {
  return [
    `Teachers: ${teachers.map(({ name }) => name).join(", ")}.`,
    ...left.map(({ name, r2 }) =>
      `Not ${name}: the others predict its features to R² ${r2.toFixed(2)}.`
    ),
    `The student inherits the licence of ${licence.teacher}, ${licence.id}, the strictest of them.`,
  ];
}

function studentLines({ student }: Advice, { target }: AdviceTextOptions): string[] {
  const why = "from" in student.request
    ? "the largest teacher that a student can start from"
    : "no teacher can start one";
  const fit = target === undefined
    ? why
    : `${
      fits(student, target) ? "the first that costs" : "none costs"
    } at most ${target.milliseconds} ms and ${target.megabytes} MB`;
  return [
    `Student: ${
      "from" in student.request ? `starts from ${student.name}` : `${student.name} transformer`
    }, ${costText(student)}; ${fit}.`,
  ];
}

function minutesLines({ features, minutes }: Advice, { step }: AdviceFacts): string[] {
  if (features === undefined || minutes === undefined) return [];
  const { passes, steps, views } = minutes;
  return [
    featureText(features),
    `Minutes: ${minutes.minutes}, for ${grouped(steps)} steps, ${passes.toFixed(1)} passes over ${
      count(step!.images, "image")
    }${views === undefined ? "" : `, ${count(views, "kept view")} of each`}; one pass takes ${
      significant(minutesOfPass(step!, features.kind))
    } min.`,
  ];
}

function featureText(plan: FeaturePlan): string {
  const { kind, why, cachedMinutes, liveMinutes, bytes, readFrom, readMilliseconds } = plan;
  const times = `five passes take ${significant(cachedMinutes)} min with kept features, ${
    significant(liveMinutes)
  } min without`;
  const size = `${byteSize(bytes)}, read from ${readFrom} in ${
    significant(readMilliseconds)
  } ms a view`;
  if (kind === "cached") return `Cached: ${times} (${size}).`;
  return why === "no room"
    ? `Live: the disk has no room for ${byteSize(bytes)} of features; ${times}.`
    : `Live: ${times} (${size}).`;
}

const componentNames: Readonly<Record<ComponentAdvice["component"], string>> = {
  standardisation: "Standardisation",
  ladder: "Ladder",
  dropping: "Teacher dropping",
};

function componentText({ component, isOn, by, scales, added, pairs }: ComponentAdvice): string {
  const head = `${componentNames[component]}: ${isOn ? "on" : "off"}`;
  const record = added === undefined || pairs === undefined
    ? "nothing is on record"
    : `on record it added ${signed(added.mean)}${
      added.seeds === 1 ? "" : ` ± ${added.deviation.toFixed(1)}`
    } points (${count(added.seeds, "pair")} of runs, ${pairs.images} images, from ${
      startWords[pairs.start]
    })`;
  switch (by) {
    case "measured":
      return `${head}: features of one teacher vary ${
        significant(scales)
      } times as much as those of another (measured); ${record}.`;
    case "record":
      return `${head}: ${record}.`;
    case "method":
      return `${head}, as the method has it: ${record}${
        added === undefined ? "" : ", too noisy to tell"
      }.`;
  }
}

function expectedText({ expected }: Advice): string {
  if (expected === undefined) return "No run on record is like it, so nothing is expected.";
  const { lead, place, minutes: [fewest, most], images, sources } = expected;
  const runs = `${count(lead.seeds, "run")} on ${images} images (${
    count(sources.length, "setting")
  }, ${significant(fewest)} to ${significant(most)} min)`;
  return [
    `Expected: ${signed(lead.mean)} points beside the best single teacher${interval(lead)}`,
    place === undefined
      ? ""
      : `; between the mean of the teachers (0) and the best of them (1) at ${
        place.mean.toFixed(2)
      }${interval(place, (value) => value.toFixed(2))}`,
    `. From ${runs}.`,
  ].join("");
}

/** Share of the images that runs on record saw, below which less is to be expected. */
const muchLess = 0.5;

/** Where the planned run sees far fewer images than those on record. */
function shortLines({ minutes, expected }: Advice, { step }: AdviceFacts): string[] {
  if (minutes === undefined || expected?.seen === undefined) return [];
  const seen = minutes.steps * step!.batchSize;
  return seen >= muchLess * expected.seen ? [] : [
    `Expect less: this run would see ${
      count(seen, "image")
    }, the shortest run whose number is on record ${grouped(expected.seen)}.`,
  ];
}

function interval(
  { low, high, seeds }: Expectation["lead"],
  text: (value: number) => string = signed,
): string {
  return seeds === 1
    ? " (one run: its spread is not known)"
    : ` (90 % of one more run: ${text(low)} to ${text(high)})`;
}
