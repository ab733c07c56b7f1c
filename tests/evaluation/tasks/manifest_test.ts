import { assert, assertEquals, assertRejects } from "@std/assert";
import sharp from "sharp";
import { openClassificationTask } from "../../../lib/evaluation/tasks/classification_task.ts";
import { describedTasks, readManifest } from "../../../lib/evaluation/tasks/manifest.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { sharedData, testWithShared } from "../../shared_data_fixture.ts";

async function paint(folder: string, classes: readonly string[], count: number) {
  for (const [i, name] of classes.entries()) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let image = 0; image < count; image++) {
      const background = { r: 100 * i, g: 20 * image, b: 50 };
      await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png()
        .toFile(`${folder}/${name}/${image}.png`);
    }
  }
}

Deno.test("tasks of the package's own images open by name", async () => {
  for (const name of ["mnist_t10k", "omniglot_small", "pneumonia28"]) {
    const manifest = await readManifest(name);
    assert(manifest?.kind === "classification");
    assertEquals(manifest.test?.folder, "test");
  }
  await inFolder(async (cache) => {
    const task = await openClassificationTask("pneumonia28", { canvas: 16, cache, limit: 20 });
    assertEquals([task.name, task.test.count], ["pneumonia28", 20]);
    task.close();
  });
});

const data = sharedData("data");
testWithShared("every described task opens", data, async (folder) => {
  const before = Deno.env.get("HASHIGO_DATA");
  Deno.env.set("HASHIGO_DATA", folder);
  try {
    for (const name of describedTasks()) {
      const manifest = await readManifest(name);
      assert(manifest !== undefined && manifest.description.length > 5, name);
    }
    await inFolder(async (cache) => {
      const task = await openClassificationTask("pets3", { canvas: 16, cache, limit: 30 });
      assertEquals(task.test.classes, ["Abyssinian", "Bengal", "american_bulldog"]);
      assertEquals([task.train.count, task.test.count], [30, 30]);
      task.close();
    });
  } finally {
    if (before === undefined) Deno.env.delete("HASHIGO_DATA");
    else Deno.env.set("HASHIGO_DATA", before);
  }
});

Deno.test("a manifest names folders beside itself; without test images the seed parts", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/photos/learn/deep`, ["cat", "dog"], 4);
    await paint(`${folder}/photos/try`, ["cat", "dog"], 3);
    const write = (name: string, value: unknown) =>
      Deno.writeTextFile(`${folder}/${name}.json`, JSON.stringify(value));
    const train = { path: "photos", folder: "learn/deep" };
    const base = { kind: "classification", description: "Pets", train };
    await write("pets", { ...base, test: { path: "photos", folder: "try" } });
    await write("parted", base);
    const options = { canvas: 8, cache: folder };
    const pets = await openClassificationTask(`${folder}/pets.json`, options);
    assertEquals([pets.name, pets.train.count, pets.test.count], ["pets", 8, 6]);
    const parted = await openClassificationTask(`${folder}/parted.json`, options);
    assertEquals([parted.train.count, parted.test.count], [6, 2]);
    // Two draws of one size are two sets of images to every cache.
    const digests = await Promise.all([1, 2, 3, 4].map(async (seed) => {
      const task = await openClassificationTask(`${folder}/parted.json`, { ...options, seed });
      task.close();
      return [task.test.names.join(), task.test.digest];
    }));
    assertEquals(
      new Set(digests.map(([names]) => names)).size,
      new Set(digests.map(([, digest]) => digest)).size,
    );
    [pets, parted].forEach((task) => task.close());
  }));

Deno.test("a manifest that cannot be used says why", () =>
  inFolder(async (folder) => {
    const train = { path: "absent" };
    const world = { seed: 0, train: 2, test: 2 };
    const cases: [content: string, part: string][] = [
      ["{", "it is not JSON"],
      ["[]", "expected object"],
      [JSON.stringify({ kind: "depth", description: "", train }), "kind"],
      [JSON.stringify({ kind: "classification", description: "x", train, more: 1 }), "more"],
      [JSON.stringify({ kind: "classification", description: "x", train }), "there is no"],
      [
        JSON.stringify({ kind: "depth", description: "", canvas: 64, tiles: 1, world }),
        'found the kind "depth"',
      ],
      [" ".repeat(70_000), "found 70000 bytes"],
    ];
    for (const [content, part] of cases) {
      await Deno.writeTextFile(`${folder}/a.json`, content);
      await assertRejects(() => readManifest(`${folder}/a.json`), UserError, part);
    }
    await assertRejects(() => readManifest(`${folder}/b.json`), UserError, "no such file");
    assertEquals(await readManifest("no_such_task"), undefined);
    const before = Deno.env.get("HASHIGO_DATA");
    Deno.env.set("HASHIGO_DATA", folder);
    try {
      await assertRejects(() => readManifest("cifar10"), UserError, "HASHIGO_DATA");
    } finally {
      if (before === undefined) Deno.env.delete("HASHIGO_DATA");
      else Deno.env.set("HASHIGO_DATA", before);
    }
  }));

Deno.test("a manifest may have a byte order mark, CRLF, comments and a last comma", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/photos`);
    const text = '\ufeff{ // mine\r\n"kind": "classification", "description": "x",\r\n' +
      '/* the images */ "train": { "path": "photos" },\r\n}\r\n';
    await Deno.writeTextFile(`${folder}/a.json`, text);
    assertEquals((await readManifest(`${folder}/a.json`))?.description, "x");
  }));
