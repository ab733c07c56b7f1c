import { assertEquals, assertNotEquals } from "@std/assert";
import { stateDigest } from "../../lib/method/state_digest.ts";

const a = { shape: [2], data: Float32Array.of(1, 2) };
const b = { shape: [], data: Float32Array.of(3) };

Deno.test("the digest is SHA-256 of names, shapes and numbers in the order of the names", () => {
  // Computed in Python: json.dumps([name, shape]) without spaces, then the floats, little-endian.
  const expected = "1288376770127c3738167c4c8aed5f63193016b8ceb6b3ea81878a0978ac54b1";
  assertEquals(stateDigest(new Map([["a", a], ["b", b]])), expected);
  assertEquals(stateDigest(new Map([["b", b], ["a", a]])), expected);
});

Deno.test("names, shapes and numbers all count", () => {
  const digest = stateDigest(new Map([["a", a]]));
  assertNotEquals(stateDigest(new Map([["c", a]])), digest);
  assertNotEquals(stateDigest(new Map([["a", { ...a, shape: [2, 1] }]])), digest);
  assertNotEquals(stateDigest(new Map([["a", { ...a, data: Float32Array.of(1, 3) }]])), digest);
});
