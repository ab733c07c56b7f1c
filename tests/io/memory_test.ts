import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { assertMemory, availableMemory, memoryNeeded } from "../../lib/io/memory.ts";

const words = { attempt: "try", batchOption: "--batch", sizeOption: "--canvas" };

Deno.test("the machine's memory is known, and within what it has", () => {
  const available = availableMemory();
  assert(available !== undefined && available > 0);
  assert(available <= Deno.systemMemoryInfo().total);
});

Deno.test("an estimate is refused above what is available, and told what fits", () => {
  const estimate = { fixed: 1e9, perItem: { images: 1e6, activations: 9e6 }, items: 1000 };
  assertEquals(memoryNeeded(estimate), 11e9);
  assertMemory(estimate, words, () => 11e9);
  assertMemory(estimate, words, () => undefined);
  const message =
    assertThrows(() => assertMemory(estimate, words, () => 10.9e9), UserError).message;
  assertEquals(
    message,
    "Cannot try: it needs at least 11 GB of memory (activations 9.0 GB, images 1.0 GB), found 11 GB " +
      "available. Lower --batch from 1000 to 512 or less",
  );
  assertThrows(() => assertMemory(estimate, words, () => 1e9), UserError, "Lower --canvas");
});
