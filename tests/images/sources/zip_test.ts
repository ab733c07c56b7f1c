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

for (const [method, name] of [[12, "bzip2"], [14, "lzma"], [99, "encryption by AES"]] as const) {
  Deno.test(`an image packed by ${name} is refused before any is read, with what to do`, async () => {
    await withZip(makeZip([{ name: "a/1.png", content: "x", method }]), async (path) => {
      const { message } = await assertRejects(() => openZip(path), UserError);
      assertStringIncludes(message, `packed by ${name}`);
      assertStringIncludes(message, "pack it again as deflate");
    });
  });
}

Deno.test("what is no image may be huge, encrypted or packed by anything", async () => {
  const entries = [
    { name: "a/1.png", content: "x" },
    { name: "video.mp4", content: "x", claimedSize: 2 ** 31 },
    { name: "notes.txt", content: "x", method: 12, flags: 1 },
  ];
  await withZip(makeZip(entries), async (path) => {
    const zip = await openZip(path);
    assertEquals(zip.files.length, 3);
    assertEquals(listDataset(zip).images.map(({ name }) => name), ["a/1.png"]);
    await assertRejects(() => zip.read(2), UserError, "it is encrypted");
    zip.close();
  });
});

Deno.test("an image cannot claim more than deflate can pack", async () => {
  const entry = { name: "a/1.png", content: "x", deflate: true, claimedSize: 10_000 };
  await withZip(makeZip([entry]), async (path) => {
    await assertRejects(() => openZip(path), UserError, "it claims 10000 bytes, packed in 3");
  });
});

Deno.test("entries that share bytes are refused, without reading them", async () => {
  const bytes = makeZip([{ name: "a/1.png", content: "x" }, { name: "a/2.png", content: "y" }]);
  const view = new DataView(bytes.buffer), directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 46 + 7 + 42, 0, true); // the second begins where the first does
  await withZip(bytes, async (path) => {
    await assertRejects(() => openZip(path), UserError, "within the one before it");
  });
});

Deno.test("an entry that reaches into the directory is refused", async () => {
  const bytes = makeZip([{ name: "a/1.png", content: "x" }]);
  const view = new DataView(bytes.buffer), directory = view.getUint32(bytes.length - 6, true);
  for (const at of [20, 24]) view.setUint32(directory + at, 50, true);
  await withZip(bytes, async (path) => {
    await assertRejects(() => openZip(path), UserError, "expected its end before the directory");
  });
});

Deno.test("a part of a divided zip is recognised", async () => {
  const bytes = makeZip([{ name: "a/1.png", content: "x" }]);
  new DataView(bytes.buffer).setUint16(bytes.length - 18, 2, true);
  await withZip(bytes, async (path) => {
    const { message } = await assertRejects(() => openZip(path), UserError);
    assertStringIncludes(message, "the last of 3 parts of a divided zip");
    assertStringIncludes(message, "zip -s 0");
  });
});

Deno.test("names are normalised; those in another character set are read as Latin-1, and said", async () => {
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const entries = [
    { name: "./a//1.png", content: "x" },
    { name: "b\\2.png", content: "x" },
    { name: "cafe\u0301/3.png", content: "x" },
    { name: latin1("na\u00efve/4.png"), content: "x" },
    { name: "c\\", content: "" },
    { name: "Thumbs.DB", content: "x" },
    { name: "$RECYCLE.BIN/5.png", content: "x" },
  ];
  await withZip(makeZip(entries), async (path) => {
    const zip = await openZip(path);
    const names = ["a/1.png", "b/2.png", "caf\u00e9/3.png", "na\u00efve/4.png"];
    assertEquals(zip.files.map(({ name }) => name), names);
    assertEquals(zip.folders, ["c"]);
    assertEquals(zip.remarks, ["1 name is not in UTF-8, read as Latin-1"]);
    zip.close();
  });
});

Deno.test("66,000 entries are listed, also where their number is kept in 16 bits", async () => {
  const entries = Array.from({ length: 66_000 }, (_, i) => ({ name: `${i % 9}/${i}.png` }));
  await withZip(makeZip(entries), async (path) => {
    const zip = await openZip(path);
    assertEquals(zip.files.length, 66_000);
    zip.close();
  });
});

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
