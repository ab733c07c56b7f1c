/** The rule: distil, or not worth it and why, case by case. */
import { assert, assertEquals } from "@std/assert";
import { advise, type Objection } from "../../lib/advice/advise.ts";
import type { AdviceFacts, AdviceRequest } from "../../lib/advice/facts.ts";
import { factsWith, large, past, small } from "./advice_facts_fixture.ts";

function objections(changes: Partial<AdviceFacts>, request: AdviceRequest = {}): Objection[] {
  const advice = advise(factsWith(changes), request, past);
  assertEquals(advice.isWorthIt, advice.objections.length === 0);
  return [...advice.objections];
}

const rules = (list: readonly Objection[]) => list.map(({ rule }) => rule);

Deno.test("without an objection it is worth it: teachers, the source first, student, minutes, licence", () => {
  const advice = advise(factsWith(), {}, past);
  assert(advice.isWorthIt);
  assertEquals(advice.teachers, [large, small]);
  assertEquals(advice.student.name, "large");
  assertEquals(advice.licence, { teacher: "small_one", id: "CC-BY-NC-4.0" });
  assertEquals(advice.features?.kind, "cached");
  assert(advice.minutes!.passes >= 5);
  assertEquals(advice.expected?.sources, ["job row"]);
});

Deno.test("one teacher that predicts all others is enough, where it fits the target", () => {
  const r2 = [[1, 0.2], [0.95, 1]];
  assertEquals(objections({ r2 }), [
    { rule: "one teacher is enough", teacher: "large", leastR2: 0.95 },
  ]);
  assertEquals(objections({ r2: [[1, 0.2], [0.949, 1]] }), []);
  // It costs too much, as the other does; the student that fits is worth distilling.
  assertEquals(objections({ r2 }, { target: { milliseconds: 1.5, megabytes: 5 } }), []);
  // The worst predicted of several counts.
  const three = {
    teachers: [small, large, { ...small, name: "third" }],
    choice: { taken: [0, 1, 2], left: [] },
    fromOthers: [1, 1, 1],
  };
  assertEquals(objections({ ...three, r2: [[1, 0.2, 0], [0.99, 1, 0.5], [0, 0, 1]] }), []);
  const both = [[1, 0.97, 0.96], [0.99, 1, 0.98], [0, 0, 1]];
  assertEquals(objections({ ...three, r2: both })[0], {
    ...{ rule: "one teacher is enough", teacher: "large", leastR2: 0.98 },
  });
});

Deno.test("images that are nearly all the same are too few; from random weights more are needed", () => {
  const images = (distinct: number) => ({
    count: 320,
    looked: 320,
    copies: 320 - distinct,
    distinct,
  });
  assertEquals(objections({ images: images(63) }), [
    { rule: "too few different images", distinct: 63, needed: 64 },
  ]);
  assertEquals(objections({ images: images(64) }), []);
  const students = [factsWith().students[1]!];
  const [first] = objections({ images: images(249), students });
  assertEquals(first, { rule: "too few different images", distinct: 249, needed: 250 });
  assert(!rules(objections({ images: images(250), students })).includes(first!.rule));
});

Deno.test("a target takes the first student that fits, and none that does not", () => {
  const target = { milliseconds: 2, megabytes: 3 };
  const advice = advise(factsWith(), { target }, past);
  assertEquals(advice.student.name, "tiny");
  // No source: the order in which teachers were named.
  assertEquals(advice.teachers, [small, large]);
  assertEquals(rules(objections({}, { target: { milliseconds: 1, megabytes: 2 } })), []);
  for (
    const target of [{ milliseconds: 0.9, megabytes: 20 }, { milliseconds: 20, megabytes: 1.9 }]
  ) {
    const [first] = objections({}, { target });
    assert(first?.rule === "no student fits");
    assertEquals([first.smallest.name, first.target], ["tiny", target]);
  }
});

Deno.test("minutes that are not enough for one pass are too few, with those that are", () => {
  const [first] = objections({}, { minutes: 0.3 });
  assert(first?.rule === "too few minutes");
  assertEquals(first.minutes, 0.3);
  assert(first.needed > 0.3);
  assertEquals(objections({}, { minutes: first.needed * 1.001 }), []);
});

Deno.test("where all runs like it ended behind, a teacher that fits is used as it is", () => {
  const students = [factsWith().students[1]!];
  const behind = objections({ students });
  assertEquals(rules(behind), ["behind its teacher"]);
  assert(behind[0]?.rule === "behind its teacher");
  assertEquals([behind[0].teacher, behind[0].expected.lead.mean], ["large", -12]);
  const target = { milliseconds: 3, megabytes: 3 };
  // The largest that fits.
  const [fitting] = objections({}, { target });
  assert(fitting?.rule === "behind its teacher");
  assertEquals(fitting.teacher, "small_one");
  // None fits: the student is behind, but cheaper.
  assertEquals(objections({}, { target: { milliseconds: 1.5, megabytes: 3 } }), []);
});

Deno.test("what is clear before any step needs no steps", () => {
  const { minutes, features, objections } = advise(
    factsWith({ r2: [[1, 0], [1, 1]], step: undefined, cache: undefined }),
    {},
    past,
  );
  assertEquals([minutes, features], [undefined, undefined]);
  assertEquals(rules(objections), ["one teacher is enough"]);
});

Deno.test("teachers that were left out are named with what the others predict of them", () => {
  const advice = advise(
    factsWith({
      teachers: [small, large, { ...small, name: "copy", deviation: 9 }],
      r2: [[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]],
      choice: { taken: [0, 1], left: [{ place: 2, r2: 0.97 }] },
    }),
    {},
    past,
  );
  assertEquals(advice.left, [{ name: "copy", r2: 0.97 }]);
  // Their scale decides nothing.
  assertEquals(advice.components[0]!.scales, 0.5 / 0.2);
});
