import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { sampler } from "../../../lib/images/packs/sampler.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

const options = { images: 10, batchSize: 3 };

Deno.test("an epoch shows no image twice, and with the last batch every image once", () => {
  const { at, stepsPerEpoch } = sampler(randomStream(1), options);
  assertEquals(stepsPerEpoch, 3);
  const seen = [3, 4, 5].flatMap((step) => [...at(step).images]);
  assertEquals(new Set(seen).size, 9);
  const all = sampler(randomStream(1), { ...options, dropLast: false });
  assertEquals(all.stepsPerEpoch, 4);
  const epoch = [0, 1, 2, 3].flatMap((step) => [...all.at(step).images]);
  assertEquals(epoch.toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(all.at(3).images.length, 1);
});

Deno.test("a step does not depend on the steps before it", () => {
  const forward = sampler(randomStream(1), options);
  for (let step = 0; step < 7; step++) forward.at(step);
  const { epoch, images } = sampler(randomStream(1), options).at(7);
  assertEquals(epoch, 2);
  assertEquals(forward.at(7).images, images);
  assertEquals(forward.at(0).images, sampler(randomStream(1), options).at(0).images);
});

Deno.test("the order differs between epochs and between seeds", () => {
  const { at } = sampler(randomStream(1), { images: 100, batchSize: 100 });
  assertNotEquals(at(0).images, at(1).images);
  const other = sampler(randomStream(2), { images: 100, batchSize: 100 });
  assertNotEquals(at(0).images, other.at(0).images);
});

Deno.test("a batch larger than the images is refused", () => {
  assertThrows(() => sampler(randomStream(1), { images: 2, batchSize: 3 }), UserError);
});
