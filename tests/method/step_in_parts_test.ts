/** Steps that save memory equal the plain step: in parts, with blocks computed twice, one teacher at a time. */
import { assert, assertRejects } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { testWithTensorFlow } from "../engine/with_tensorflow_fixture.ts";
import { runStep, type StepWay, students } from "./step_in_parts_fixture.ts";

/** Largest distance of two lists, as a share of the largest number. */
function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0, apart = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const own = Math.abs(found[i]! - expected[i]!);
    apart = own <= apart ? apart : own;
  }
  return found.length === expected.length ? apart / largest : Infinity;
}

/** Plain steps that were taken: one is what several ways are held against. */
const plainSteps = new Map<string, ReturnType<typeof runStep>>();

function plainStep(student: string, way: StepWay): ReturnType<typeof runStep> {
  const key = `${student} ${JSON.stringify(way)}`;
  const step = plainSteps.get(key) ?? runStep(students[student]!, { ...way, mode: "eager" });
  plainSteps.set(key, step);
  return step;
}

/** Fails where a way differs from the plain step by more than 1e-5 of the largest number. */
async function assertEqual(student: string, way: StepWay): Promise<void> {
  const { mode: _mode, parts: _, recompute: _blocks, recomputeHeads: _heads, ...rest } = way;
  const plain = await plainStep(student, rest);
  const other = await runStep(students[student]!, way);
  for (const part of ["gradients", "report", "statistics"] as const) {
    const apart = distance(other[part], plain[part]);
    assert(apart <= 1e-5, `${student}, ${JSON.stringify(way)}: ${part} are ${apart} apart`);
  }
  assert(plain.gradients.some((value) => value !== 0));
}

const all = { parts: 2, recompute: true, recomputeHeads: true } as const;

for (const student of Object.keys(students)) {
  Deno.test(`${student}: every way to save memory gives the gradient of the plain step`, async () => {
    await assertEqual(student, { recompute: true });
    await assertEqual(student, { recomputeHeads: true });
    await assertEqual(student, { parts: 4 });
    await assertEqual(student, all);
  });
  testWithTensorFlow(
    `${student}: so they do as a graph`,
    () => assertEqual(student, { ...all, mode: "graph" }),
  );
}

for (const student of ["ladder", "top", "resnet"]) {
  testWithTensorFlow(
    `${student}: so they do compiled by XLA`,
    () => assertEqual(student, { ...all, mode: "xla" }),
  );
}

const ways: { readonly [name: string]: StepWay } = {
  "teachers dropped, each image of equal weight": { balancing: { normalization: "image" } },
  "teachers dropped at random": { balancing: { kind: "random_drop" } },
  "no teacher dropped": { balancing: { kind: "none" } },
  "fixed weights": { balancing: { kind: "fixed", weights: { a: 3, b: 0.5 } } },
  "a teacher that stopped": { stopped: true },
  "fixed weights and a teacher that stopped": {
    ...{ stopped: true, balancing: { kind: "fixed", weights: { a: 0.2, b: 3 } } },
  },
  "statistics of the batch itself": { standardizer: "batch" },
  "fitted statistics": { standardizer: "fixed" },
};

for (const [name, way] of Object.entries(ways)) {
  Deno.test(`in parts: ${name}`, () => assertEqual("ladder", { ...way, parts: 2 }));
}

Deno.test("in parts: teachers dropped patch by patch, each patch of equal weight", () =>
  assertEqual("one_grid", { balancing: { level: "patch", normalization: "image" }, parts: 2 }));

for (
  const balancing of [
    { kind: "ada_loss" },
    { level: "patch", normalization: "matrix" },
  ] as const
) {
  Deno.test(`in parts: refused with ${JSON.stringify(balancing)}`, async () => {
    await assertRejects(() => runStep(students.one_grid!, { balancing, parts: 2 }), UserError);
  });
}
