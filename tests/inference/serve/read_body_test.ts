import { assertEquals } from "@std/assert";
import { readBody } from "../../../lib/inference/serve/read_body.ts";

const bounds = { bytes: 10, milliseconds: 5000 };

/** A request whose body comes in parts, and says how it was left. */
function streamed(parts: Iterable<number>, headers: Record<string, string> = {}) {
  const left = { pulled: 0, cancelled: false };
  const iterator = parts[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done) return controller.close();
      left.pulled++;
      controller.enqueue(new Uint8Array(value).fill(left.pulled));
    },
    cancel: () => void (left.cancelled = true),
  }, { highWaterMark: 0 });
  return { request: { headers: new Headers(headers), body }, left };
}

Deno.test("a body of several parts is joined", async () => {
  assertEquals(await readBody(streamed([2, 3]).request, bounds), Uint8Array.of(1, 1, 2, 2, 2));
  assertEquals(await readBody(streamed([10]).request, bounds), new Uint8Array(10).fill(1));
});

Deno.test("a body that is announced as too large is not read", async () => {
  const { request, left } = streamed([1], { "content-length": "11" });
  assertEquals(await readBody(request, bounds), "too large");
  assertEquals(left, { pulled: 0, cancelled: true });
});

Deno.test("a body that grows too large is left at the bound", async () => {
  function* endless() {
    for (;;) yield 4;
  }
  const { request, left } = streamed(endless());
  assertEquals(await readBody(request, bounds), "too large");
  assertEquals(left, { pulled: 3, cancelled: true });
});

Deno.test("a body that never ends is left in time", async () => {
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const request = { headers: new Headers(), body };
  assertEquals(await readBody(request, { bytes: 10, milliseconds: 20 }), "too slow");
});

Deno.test("no body, an empty one and one that breaks off are told apart", async () => {
  assertEquals(await readBody({ headers: new Headers(), body: null }, bounds), "empty");
  assertEquals(await readBody(streamed([]).request, bounds), "empty");
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  });
  assertEquals(await readBody({ headers: new Headers(), body }, bounds), "broken off");
});
