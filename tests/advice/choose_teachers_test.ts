import { assertEquals } from "@std/assert";
import { chooseTeachers } from "../../lib/advice/choose_teachers.ts";

/** Each is predicted by those in its list, together, to this R². */
function predicting(by: readonly { readonly who: readonly number[]; readonly r2: number }[]) {
  return {
    from: (members: readonly number[]) =>
      Promise.resolve({
        r2: by.map(({ who, r2 }, place) =>
          members.includes(place) ? 1 : who.every((other) => members.includes(other)) ? r2 : 0.1
        ),
      }),
  };
}

Deno.test("who is predicted by the rest is left out, the best predicted first", async () => {
  // 3 is a copy of 0, 2 is predicted by 0 and 1.
  const known = predicting([
    { who: [3], r2: 0.96 },
    { who: [0], r2: 0.5 },
    { who: [0, 1], r2: 0.92 },
    { who: [0], r2: 0.99 },
  ]);
  assertEquals(await chooseTeachers(4, known), {
    taken: [0, 1],
    left: [{ place: 3, r2: 0.99 }, { place: 2, r2: 0.92 }],
  });
});

Deno.test("of two that say the same the later one goes, and two always remain", async () => {
  const twins = predicting([0, 1, 2].map((place) => ({ who: [(place + 1) % 3], r2: 0.95 })));
  assertEquals((await chooseTeachers(3, twins)).taken, [0, 1]);
  assertEquals(
    (await chooseTeachers(2, predicting([{ who: [1], r2: 1 }, { who: [0], r2: 1 }]))).left,
    [],
  );
});

Deno.test("below 0.9 everybody stays, a teacher of noise too", async () => {
  const known = predicting([0, 1, 2].map(() => ({ who: [], r2: 0.89 })));
  assertEquals((await chooseTeachers(3, known)).taken, [0, 1, 2]);
});
