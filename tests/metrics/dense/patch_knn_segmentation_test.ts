import { assertEquals, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  patchBank,
  patchKnnSegmentation,
} from "../../../lib/metrics/dense/patch_knn_segmentation.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

const masks = (rows: string) => Uint8Array.from([...rows].map((c) => c === "." ? 255 : Number(c)));

Deno.test("a patch's shares are those of its labelled pixels; patches without any are left out", () => {
  const train = {
    tokens: Float32Array.of(1, 2, 3),
    grid: [1, 3],
    width: 1,
    side: 6,
    classes: 2,
    masks: masks("001...".repeat(3) + "001...".repeat(3)).map((label, i) =>
      // Six pixels of class 0 and two of class 1 to the left, two ignored; class 1 in the middle.
      [0, 6].includes(i) ? 1 : [1, 7].includes(i) ? 255 : i % 6 === 3 ? 255 : label
    ),
  } as const;
  const bank = patchBank(train, randomStream(0));
  assertEquals([...bank.features], [1, 2]);
  assertEquals([...bank.shares], [0.8, 0.2, 0, 1].map(Math.fround));
});

Deno.test("near patches count more than farther ones that are more", async () => {
  const aside = Math.sqrt(1 - 0.81);
  const train = {
    tokens: Float32Array.of(1, 0, 0.9, aside, 0.9, -aside),
    grid: [1, 3],
    width: 2,
    side: 3,
    classes: 2,
    masks: masks("011011011"),
  } as const;
  const bank = patchBank(train, randomStream(0));
  const query = { tokens: Float32Array.of(1, 0), grid: [1, 1], width: 2 } as const;
  // Similarities 1, 0.9, 0.9 at the temperature 0.07: a vote of 1 against two of 0.24.
  assertEquals([...await patchKnnSegmentation(bank, query, 2, { k: 3 })], [0, 0, 0, 0]);
  // At the temperature 1 it is 1 against two of 0.90.
  const warm = await patchKnnSegmentation(bank, query, 2, { k: 3, temperature: 1 });
  assertEquals([...warm], [1, 1, 1, 1]);
});

Deno.test("a class that there is not is refused", () => {
  const train = {
    tokens: Float32Array.of(1),
    grid: [1, 1],
    width: 1,
    side: 1,
    classes: 2,
    masks: masks("7"),
  } as const;
  assertThrows(() => patchBank(train, randomStream(0)), UserError, "image 0 holds 7");
});
