import { assertEquals, assertThrows } from "@std/assert";
import { parseStrictJson } from "../../lib/weights/strict_json.ts";

Deno.test("text without repeated keys is parsed like JSON", () => {
  const text = JSON.stringify({
    a: { b: [{ b: 1 }, { b: 2 }], 'q"{': '}:"', "\\": "a\\" },
    b: ["a", "a", ":"],
    c: null,
  });
  assertEquals(parseStrictJson(text), JSON.parse(text));
});

Deno.test("a repeated key is refused at any depth, and however it is spelt", () => {
  for (
    const text of [
      '{"a":1,"a":1}',
      '[{"x":{"a":1 , "\\u0061" \n\t\r : 2}}]',
      '{"a":[],"b":{},"a":{}}',
    ]
  ) {
    assertThrows(() => parseStrictJson(text), SyntaxError, "named twice");
  }
});

Deno.test("a very long text does not exhaust the stack", () => {
  const text = JSON.stringify({ long: '\\"x'.repeat(3_000_000) });
  assertEquals(parseStrictJson(text), JSON.parse(text));
});

Deno.test("quotes and backslashes within strings end nothing", () => {
  const text = String.raw`{"a\"b": "}\\", "a": ["\"a\": 1, \"a\": 2", {"a\"b": "\\"}], "c": 3}`;
  assertEquals(parseStrictJson(text), JSON.parse(text));
  assertThrows(
    () => parseStrictJson(String.raw`{"a\"": 1, "b": 2, "a\"": 3}`),
    SyntaxError,
    "twice",
  );
  assertThrows(
    () => parseStrictJson(String.raw`{"a": "\\", "b": 2, "a": 3}`),
    SyntaxError,
    "twice",
  );
});
