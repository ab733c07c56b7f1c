import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { openZip } from "../../../lib/images/sources/zip.ts";
import { listDataset } from "../../../lib/images/sources/dataset.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { makeZip, type ZipEntryOptions } from "../zip_fixture.ts";
import { inFolder } from "../images_fixture.ts";

async function withZip(
  bytes: Uint8Array,
  run: (path: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/x.zip`, bytes);
    await run(`${folder}/x.zip`);
  });
}

Deno.test("stored and deflated entries are read by position", async () => {
  const long = "abc".repeat(1000);
  const entries = [
    { name: "a/1.png", content: "one" },
    { name: "b/", content: "" },
    { name: "__MACOSX/a/._1.png", content: "x" },
    { name: "b/2.png", content: long, deflate: true },
    { name: "b/empty.png", content: "", deflate: true },
  ];
  await withZip(makeZip(entries), async (path) => {
    const zip = await openZip(path);
    const text = async (file: number) => new TextDecoder().decode(await zip.read(file));
    assertEquals(zip.files.map(({ name, size }) => [name, size]), [
      ["a/1.png", 3],
      ["b/2.png", 3000],
      ["b/empty.png", 0],
    ]);
    assertEquals(zip.folders, ["b"]);
    assertEquals([await text(1), await text(0), await text(2)], [long, "one", ""]);
    zip.close();
  });
});

const hostile: [description: string, entry: ZipEntryOptions, fault: string][] = [
  ["a path that climbs", { name: "../evil.png" }, '".."'],
  ["a path that climbs later", { name: "a/../../evil.png" }, '".."'],
  ["an absolute path", { name: "/etc/evil.png" }, "absolute"],
  ["a drive letter", { name: "C:/evil.png" }, "absolute"],
  ["a backslash that climbs", { name: "a\\..\\evil.png" }, '".."'],
  ["a share of Windows", { name: "\\\\server\\evil.png" }, "absolute"],
  ["a zero byte", { name: "a/evil.png\0.txt" }, "zero byte"],
  ["a link", { name: "a/evil.png", content: "/etc/passwd", mode: 0o120777 }, "a link"],
  ["an encrypted entry", { name: "a/evil.png", content: "x", flags: 1 }, "encrypted"],
  ["a claim of 2 GB", { name: "a/evil.png", content: "x", claimedSize: 2 ** 31 }, "2147483648"],
];

for (const [description, entry, fault] of hostile) {
  Deno.test(`a zip with ${description} is refused`, async () => {
    await withZip(makeZip([{ name: "a/good.png", content: "x" }, entry]), async (path) => {
      const error = await assertRejects(() => openZip(path), UserError);
      assertStringIncludes(error.message, fault);
    });
  });
}

Deno.test("a zip with one name twice is refused", async () => {
  const twice = makeZip([{ name: "a/1.png", content: "x" }, { name: "a/1.png", content: "y" }]);
  await withZip(twice, async (path) => {
    const zip = await openZip(path);
    assertThrows(() => listDataset(zip), UserError, 'it holds "a/1.png" twice');
    zip.close();
  });
});

Deno.test("more bytes than an entry claims are not unpacked", async () => {
  const bomb = { name: "a/1.png", content: new Uint8Array(1e6), deflate: true, claimedSize: 10 };
  await withZip(makeZip([bomb]), async (path) => {
    const zip = await openZip(path);
    const error = await assertRejects(() => zip.read(0), UserError);
    assertStringIncludes(error.message, "damaged");
    zip.close();
  });
});

Deno.test("a changed byte is noticed by the checksum", async () => {
  const bytes = makeZip([{ name: "a/1.png", content: "0123456789" }]);
  bytes[30 + "a/1.png".length + 4]! ^= 1;
  await withZip(bytes, async (path) => {
    const zip = await openZip(path);
    const error = await assertRejects(() => zip.read(0), UserError);
    assertStringIncludes(error.message, "CRC-32");
    zip.close();
  });
});

Deno.test("a file that is no zip, or half of one, is refused", async () => {
  for (const bytes of [new Uint8Array(50), makeZip([{ name: "a/1.png" }]).subarray(0, 60)]) {
    await withZip(bytes, async (path) => {
      const error = await assertRejects(() => openZip(path), UserError);
      assertStringIncludes(error.message, "as a zip file");
    });
  }
});
