/** Students that could be trained, and what each would cost in use. */
import { compileNetwork, runNetwork } from "../evaluation/deployment/compile_network.ts";
import { randomBackbone } from "../evaluation/models/baselines.ts";
import type { Work } from "../io/progress_line.ts";
import { measureLatency } from "../metrics/costs/latency.ts";
import type { Recipe } from "../recipe/options.ts";
import { encoderConfigOf, studentInputOf } from "../recipe/student_config.ts";
import type { Backbone } from "../teachers/backbone.ts";
import {
  type MeasuredNetwork,
  type StudentRequest,
  type TransformerSize,
  transformerSizes,
} from "../training/proposal/facts.ts";
import { canStartStudent } from "../training/proposal/student_like.ts";
import type { StudentFacts } from "./facts.ts";

/** Calls with one image, and before them. */
const calls = { timed: 11, warmUp: 2 };

/**
 * What students cost: those that start from a teacher, in the order of the teachers, then transformers, the largest
 * first. Without a target the first one is enough: a small transformer where no teacher can start one.
 *
 * @param teachers those that are taken, the most telling first
 * @param recipeOf the recipe of a student
 */
export async function measureStudents(
  teachers: readonly MeasuredNetwork[],
  recipeOf: (student: StudentRequest) => Recipe,
  { isTimed, now, onWork }: {
    /** Whether there is a target. */
    readonly isTimed: boolean;
    readonly now: () => number;
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<StudentFacts[]> {
  const sizes = (Object.keys(transformerSizes) as TransformerSize[]).reverse();
  const fromNetworks = teachers.filter(canStartStudent).map(({ spec }) => ({
    name: spec.name,
    request: { from: spec.checkpoint ?? spec.name },
  }));
  const offered = isTimed
    ? [...fromNetworks, ...sizes.map((size) => ({ name: size, request: { size } }))]
    : [fromNetworks[0] ?? { name: "small", request: { size: "small" } as const }];
  const students: StudentFacts[] = [];
  for (const { name, request } of offered) {
    const recipe = recipeOf(request);
    const network = randomBackbone(name, encoderConfigOf(recipe), studentInputOf(recipe));
    try {
      if (isTimed) onWork?.({ stage: `one image at a time: a student like ${name}…` });
      students.push({
        ...{ name, request, megabytes: 4 * network.parameterCount / 1e6 },
        ...isTimed && { milliseconds: await millisecondsAlone(network, now) },
      });
    } finally {
      network.dispose();
    }
  }
  return students;
}

/** Milliseconds of one image alone, of its own size: the median of some calls. */
export async function millisecondsAlone(network: Backbone, now: () => number): Promise<number> {
  const compiled = compileNetwork(network);
  try {
    const { p50 } = await measureLatency(
      (images) => runNetwork(compiled, { images, canvas: network.input.size }),
      { calls: calls.timed, warmUp: calls.warmUp, batchSizes: [1], batchCalls: 1, now },
    );
    return p50;
  } finally {
    compiled.dispose();
  }
}
