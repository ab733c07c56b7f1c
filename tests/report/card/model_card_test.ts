import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CardFacts } from "../../../lib/report/card/card_facts.ts";
import { licenceLine, modelCard } from "../../../lib/report/card/model_card.ts";
import { licenceOf } from "../../../lib/teachers/licences.ts";

const facts: CardFacts = {
  name: "small_one",
  digest: "d".repeat(64),
  parameters: 3_350_000,
  network: "mobilenet_v2 of 19 stages on 96 px",
  size: 96,
  width: 1280,
  teachers: [
    { name: "a", licence: licenceOf("Apache-2.0"), digest: "1".repeat(64) },
    { name: "b", licence: licenceOf("CC-BY-NC-4.0") },
  ],
  images: [{ name: "photos", licence: licenceOf("own") }],
  recipeDigest: "e".repeat(64),
  origin: {
    command: "deno task distill --images photos",
    date: "2026-11-29T10:00:00.000Z",
    machine: "AMD EPYC, 2 cores",
    versions: { hashigo: "0.1.0" },
  },
  evaluation: {
    rows: [
      {
        ...{ model: "student", task: "flowers", metric: "k-NN accuracy", value: 81.23, low: 78 },
        ...{ high: 84, images: 500, seconds: 1 },
        verdict: { outcome: "win", against: "a", difference: 2.5, low: 1, high: 4, p: 0.01 },
      },
      {
        ...{ model: "a", task: "flowers", metric: "k-NN accuracy", value: 78.7, low: 76 },
        ...{ high: 81, images: 500, seconds: 1 },
      },
    ],
    costs: [],
    models: [["student", "student"], ["a", "teacher"]],
  },
};
const options = {
  command: "deno task export runs/x",
  date: "2026-11-29",
  files: ["- `model.onnx`"],
};

Deno.test("a card says what the student is, of whom, how good, and what is allowed", () => {
  const card = modelCard(facts, options);
  for (
    const part of [
      "# small\\_one".replace("\\_", "_"),
      "A student of a and b, distilled by hashigo",
      "**Licence: CC BY-NC 4.0 (CC-BY-NC-4.0): no commercial use, attribution, state changes (of teacher b, ",
      "| parameters | 3.35 M |",
      `| a | Apache 2.0 (Apache-2.0): commercial use allowed, attribution, state changes | \`${
        "1".repeat(64)
      }\` |`,
      "not known |",
      "| photos | one's own: commercial use allowed |",
      "| flowers | k-NN accuracy | 81.2 | 78.0 to 84.0 | win, +2.5 (a) |",
      "- distilled: `deno task distill --images photos`, 2026-11-29, AMD EPYC, 2 cores, hashigo 0.1.0",
      "- exported: `deno task export runs/x`, 2026-11-29",
    ]
  ) assertStringIncludes(card, part);
  assertEquals(card.includes("78.7"), false, "of the student alone");
});

Deno.test("a source that is no teacher counts", () => {
  const source = { name: "c", licence: licenceOf("CC-BY-NC-SA-4.0") };
  assertStringIncludes(licenceLine({ ...facts, source }), "(of source c, ");
  assertStringIncludes(modelCard({ ...facts, source }, options), "started from the weights of c");
});

Deno.test("text from outside means nothing in Markdown", () => {
  const name = "x](http://evil) <script> | `\n# heading";
  const card = modelCard({ ...facts, images: [{ name, licence: licenceOf("own") }] }, options);
  assert(!/[^\\]\]\(http/.test(card));
  assert(!card.includes("\n# heading"));
  assert(!/[^\\]<script>/.test(card));
});

Deno.test("what is not known is said", () => {
  const { recipeDigest: _, origin: _origin, evaluation: _evaluation, ...less } = facts;
  const card = modelCard({ ...less, images: [] }, options);
  for (const part of ["It was not measured.", "Not known: the file lies outside of its run."]) {
    assertStringIncludes(card, part);
  }
});
