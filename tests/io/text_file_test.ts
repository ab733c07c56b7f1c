import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { parseJson } from "../../lib/io/json_text.ts";
import { decodeText, readJson, readText } from "../../lib/io/text_file.ts";
import { inTemporaryFolder } from "./temporary_folder_fixture.ts";

Deno.test("marks of byte order are dropped and line ends are one kind", () => {
  const text = "a,b\r\nc\rd\n";
  const units = Array.from(`\ufeff${text}`, (letter) => letter.charCodeAt(0));
  const utf16 = (little: boolean) =>
    Uint8Array.from(units.flatMap((n) => little ? [n & 255, n >> 8] : [n >> 8, n & 255]));
  const encoded = new TextEncoder().encode(`\ufeff${text}`);
  for (const bytes of [encoded, encoded.subarray(3), utf16(true), utf16(false)]) {
    assertEquals(decodeText(bytes), "a,b\nc\nd\n");
  }
  assertEquals(decodeText(Uint8Array.of(0x63, 0xe9)), undefined, "Latin-1");
  assertEquals(decodeText(Uint8Array.of(0x50, 0x4b, 0, 0)), undefined, "a zip");
});

Deno.test("comments and surplus commas of JSON are passed over, in strings they stay", () => {
  const text = `// first
  { "a": "x // y", /* two
    lines */ "b": "/* no */ \\" // ,]", "c": [1, 2, ], // , }
    "d": {"e": null,},
  }`;
  const expected = { a: "x // y", b: '/* no */ " // ,]', c: [1, 2], d: { e: null } };
  assertEquals(parseJson(text), expected);
  assertEquals(parseJson(text.replaceAll("\n", "\r\n")), expected);
});

for (
  const [text, message] of [
    ["", "it is empty"],
    [" \n", "it is empty"],
    ["{", "(line 1 column 2)"],
    ['// one\n{ "a": 1 /* two\n */ "b": 2 }', "(line 3 column 5)"],
    ["[,]", "Unexpected token"],
    ["[1,,]", "Unexpected token"],
    ["{'a': 1}", "(line 1 column 2)"],
    ["[1] /* open", "line 1 column 5"],
    ["[1] /*/", "line 1 column 5"],
  ] as const
) {
  Deno.test(`JSON stays strict and says where: ${JSON.stringify(text)}`, () => {
    assertThrows(() => parseJson(text), SyntaxError, message);
  });
}

Deno.test("hostile JSON is refused in time linear in its size", () => {
  const started = performance.now();
  for (const part of ["/*", "//", '"', "[,", "\\", ",\n  "]) {
    assertThrows(() => parseJson(`{${part.repeat(500_000)}`), SyntaxError);
  }
  assertEquals(parseJson(`["${"x".repeat(20_000_000)}",]`) instanceof Array, true);
  assertEquals(performance.now() - started < 20_000, true);
});

Deno.test("what cannot be read is named, with the next step", async () => {
  await inTemporaryFolder(async (folder) => {
    const refused = (path: string, message: string, maximumBytes?: number) =>
      assertRejects(() => readText(path, { noun: "the list", maximumBytes }), UserError, message);
    await refused(`${folder}/none`, `Cannot read the list "${folder}/none": found no such file`);
    await refused(folder, "found a folder, expected a file");
    await Deno.writeFile(`${folder}/zip`, Uint8Array.of(0x50, 0x4b, 3, 4, 0xff));
    await refused(`${folder}/zip`, "no UTF-8 text");
    await Deno.writeTextFile(`${folder}/long`, "12345");
    await refused(`${folder}/long`, "found 5 bytes, expected at most 4", 4);
    await refused(`${folder}/long/below`, "found no readable file");
    if (Deno.build.os !== "windows") await refused("/dev/null", "a pipe or device");
    await Deno.writeTextFile(`${folder}/torn.json`, '{ "a": ');
    await assertRejects(
      () => readJson(`${folder}/torn.json`, { noun: "the plan" }),
      UserError,
      `Cannot read the plan "${folder}/torn.json": it is not JSON (Unexpected end`,
    );
  });
});

Deno.test({
  name: "a file that Deno may not read names the permission",
  permissions: { read: false },
  fn: () =>
    assertRejects(
      () => readText("deno.json", { noun: "the list" }),
      UserError,
      "expected the permission --allow-read",
    ).then(() => {}),
});
