/** What an advice says: the answer first, each sentence with its figure. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { advise } from "../../../lib/advice/advise.ts";
import type { AdviceFacts, AdviceRequest } from "../../../lib/advice/facts.ts";
import type { PastRuns } from "../../../lib/advice/past/past_runs.ts";
import { adviceLines } from "../../../lib/report/advice/advice_text.ts";
import { cache, factsWith, past, step } from "../../advice/advice_facts_fixture.ts";

function text(
  changes: Partial<AdviceFacts> = {},
  request: AdviceRequest = {},
  record: PastRuns = past,
): string {
  const facts = factsWith(changes);
  const { target } = request;
  return adviceLines(advise(facts, request, record), facts, { target, cores: 2 }).join("\n");
}

Deno.test("worth it: the answer, what was measured, what is advised, what is on record", () => {
  const lines = text().split("\n");
  assertStringIncludes(
    lines[0]!,
    "Distil: 2 teachers into a student that starts from large, 1 minute, 9.00 ms for one image alone, 13.0 MB.",
  );
  const whole = lines.join("\n");
  for (
    const part of [
      "in 1 min 40 s:",
      "320 images; of these none is a near-duplicate of another.",
      "large: 4.00 ms for a view of 96 px in a batch, 9.00 ms for one image alone; of its features the others predict R² 0.20.",
      "A step of 32 images takes 2.00 s with new views, 0.500 s with kept features; 7 s to begin.",
      "A view costs 5.00 ms of teachers; what is kept of it, 10.0 kB, is read in 0.100 ms from memory; the disk takes 100 MB a second.",
      "inherits the licence of small_one, CC-BY-NC-4.0",
      "the largest teacher that a student can start from",
      "Cached: five passes take 0.846 min with kept features, 2.00 min without (3 MB, read from memory in 0.100 ms a view).",
      "passes over 320 images, ",
      "Standardisation: on: features of one teacher vary 2.50 times as much as those of another (measured); nothing is on record.",
      "Teacher dropping: on, as the method has it: nothing is on record.",
      "Expected: +1.5 points beside the best single teacher (90 % of one more run: −4.0 to +7.0)",
      "at 1.20",
      "From 2 runs on real images (1 setting, 6.00 to 6.00 min).",
    ]
  ) assertStringIncludes(whole, part);
  // What is measured stands apart from what is on record.
  assert(whole.indexOf("Measured") < whole.indexOf("Advised:"));
  assert(whole.indexOf("Advised:") < whole.indexOf("From runs on record"));
  const target = { milliseconds: 10, megabytes: 20 };
  assertStringIncludes(text({}, { target }), "the first that costs at most 10 ms and 20 MB");
  assert(!whole.includes("busy") && !whole.includes("Expect less"));
});

Deno.test("a run that sees far fewer images than those on record is to expect less", () => {
  // 67 steps of 32 images are 2,144.
  const of = (seen: number | null) => text({}, {}, { ...past, runs: [{ ...past.runs[0]!, seen }] });
  assertStringIncludes(
    of(4289),
    "Expect less: this run would see 2,144 images, the shortest run whose number is on record 4,289.",
  );
  for (const seen of [4288, null]) assert(!of(seen).includes("Expect less"));
});

Deno.test("every objection says why and what to do", () => {
  const students = [factsWith().students[1]!];
  const few = { count: 320, looked: 320, copies: 300, distinct: 20 };
  const cases: [changes: Partial<AdviceFacts>, request: AdviceRequest, parts: string[]][] = [
    [{ r2: [[1, 0], [0.97, 1]] }, {}, ["large predicts every other", "0.97", "use it as it is"]],
    [{ images: few }, {}, ["20 different images", "fewer than 64", "give more images"]],
    [{}, { target: { milliseconds: 0.5, megabytes: 1 } }, [
      "No student on offer costs at most 0.5 ms and 1 MB",
      "the smallest, tiny, has 1.00 ms for one image alone, 2.00 MB",
      "none costs at most 0.5 ms and 1 MB",
    ]],
    [{}, { minutes: 0.3 }, ["0.3 min are not enough for one pass", "0.495 min", "--minutes 1"]],
    [{ students }, {}, ["1 run: cold", "−12.0 points", "use large as it is"]],
  ];
  for (const [changes, request, parts] of cases) {
    const whole = text(changes, request);
    assert(whole.startsWith("Not worth it. "));
    assertStringIncludes(whole, "Where it is done anyway:");
    for (const part of parts) assertStringIncludes(whole, part);
  }
});

Deno.test("steps that were not taken, a busy machine, copies and a full disk are said", () => {
  const skipped = text({ step: undefined, cache: undefined, r2: [[1, 1], [1, 1]] });
  assertStringIncludes(skipped, "No step was taken");
  assert(!skipped.includes("Minutes:"));
  assertStringIncludes(text({ load: 9.7 }), "The machine is busy (load 9.7 on 2 cores)");
  assertStringIncludes(
    text({ images: { count: 4000, looked: 2000, copies: 300, distinct: 2800 } }),
    "4,000 images; of 2,000 that were looked at 300 nearly repeat others, so about 2,800 are different.",
  );
  const full = text({ cache: { ...cache, freeBytes: 1e6 } });
  assertStringIncludes(full, "Live: the disk has no room for 3 MB of features");
  assertStringIncludes(
    text({ step: { ...step, timedBatch: 8 } }),
    "A step of 32 images, reckoned from steps of 8, takes",
  );
});

Deno.test("what is on record for a part is told with its number of pairs", () => {
  const pairs = (increments: number[]): PastRuns => ({
    ...past,
    components: [{
      ...{ component: "dropping", images: "real", start: "network", sources: ["a"], increments },
    }],
  });
  const clear = text({}, {}, pairs([-2, -2.2, -1.9]));
  assertStringIncludes(
    clear,
    "Teacher dropping: off: on record it added −2.0 ± 0.2 points (3 pairs of runs, real images, from a teacher).",
  );
  assertStringIncludes(text({}, {}, pairs([-2])), "it added −2.0 points (1 pair of runs");
  assertEquals(text({}, {}, { ...past, runs: [] }).includes("No run on record is like it"), true);
});
