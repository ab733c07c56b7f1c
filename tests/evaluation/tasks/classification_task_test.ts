import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { openClassificationTask } from "../../../lib/evaluation/tasks/classification_task.ts";
import { openTask } from "../../../lib/evaluation/tasks/open_task.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { paint } from "../coloured_images_fixture.ts";

Deno.test("a set without parts is parted by the seed, a quarter of each class being test", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/flat`, [""]);
    const open = (seed: number, limit?: number) =>
      openClassificationTask(`${folder}/flat`, { canvas: 8, cache: folder, seed, limit });
    const task = await open(1);
    assertEquals([...task.test.labels], [0, 0, 1, 1]);
    assertEquals(task.train.count, 12);
    const names = [...task.train.names, ...task.test.names];
    assertEquals(new Set(names).size, 16);
    const first = task.test.read([3]);
    const place = task.test.names[3];
    assertStringIncludes(place ?? "", "red/");
    assertGreater(first[0] ?? 0, first[2] ?? 0);
    assertEquals((await open(1)).test.names, task.test.names);
    const others = await Promise.all([2, 3, 4].map((seed) => open(seed)));
    assert(others.some(({ test }) => test.names.join() !== task.test.names.join()));
    const few = await open(1, 3);
    assertEquals([[...few.train.labels], [...few.test.labels]], [[0, 0, 1], [0, 0, 1]]);
    for (const opened of [task, few, ...others]) opened.close();
  }));

Deno.test("sets that cannot be used are refused", () =>
  inFolder(async (folder) => {
    const options = { canvas: 8, cache: folder };
    await assertRejects(() => openClassificationTask("digit", options), UserError, "mean digits?");
    await paint(`${folder}/one`, [""], 1);
    await assertRejects(
      () => openClassificationTask(`${folder}/one`, options),
      UserError,
      'the class "blue" has 1 image',
    );
    await paint(`${folder}/apart`, ["train/", "test/"], 2);
    await Deno.rename(`${folder}/apart/test/red`, `${folder}/apart/test/rouge`);
    await assertRejects(
      () => openClassificationTask(`${folder}/apart`, options),
      UserError,
      "only in train: red; only in test: rouge",
    );
    await paint(`${folder}/plain`, [""], 4);
    await Deno.remove(`${folder}/plain/red`, { recursive: true });
    await assertRejects(
      () => openClassificationTask(`${folder}/plain`, options),
      UserError,
      'found one class ("blue")',
    );
  }));

Deno.test("images that are in both parts are named", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/set`, ["train/", "test/"], 3);
    await Deno.remove(`${folder}/set/test/blue/0.png`);
    await Deno.copyFile(`${folder}/set/train/red/0.png`, `${folder}/set/test/blue/new.png`);
    await paint(`${folder}/whole`, [""], 3);
    const lines: string[] = [];
    const options = { canvas: 8, cache: folder, onListed: (line: string) => lines.push(line) };
    const task = await openClassificationTask(`${folder}/set`, options);
    const shared =
      '6 of the 6 images to measure on are also among those to learn from, such as "blue/1.png"';
    assertEquals(lines[1], `warning: ${shared}`);
    assertStringIncludes(task.listed ?? "", shared);
    task.close();
    const parted = await openClassificationTask(`${folder}/whole`, options);
    assertEquals(lines.slice(2), ["6 images in 2 folders"]);
    assertEquals(parted.listed, "6 images in 2 folders; 2 images held out by the seed");
    parted.close();
  }));

Deno.test("a third of the train part may take the place of the test part, which is not opened", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/set`, ["train/", "test/"], 6);
    // What is no image is found when it is opened.
    for (const colour of ["blue", "red"]) {
      for (let i = 0; i < 6; i++) {
        await Deno.writeTextFile(`${folder}/set/test/${colour}/${i}.png`, "no image");
      }
    }
    const open = (options: { seed?: number; limit?: number } = {}) =>
      openClassificationTask(`${folder}/set`, {
        ...{ canvas: 8, cache: folder, validation: true, ...options },
      });
    const task = await open();
    assertEquals([[...task.train.labels], [...task.test.labels]], [
      [0, 0, 0, 0, 1, 1, 1, 1],
      [0, 0, 1, 1],
    ]);
    const names = [...task.train.names, ...task.test.names];
    assertEquals(new Set(names).size, 12);
    const others = await Promise.all([1, 2, 3].map((seed) => open({ seed })));
    assert(others.some(({ test }) => test.names.join() !== task.test.names.join()));
    const few = await open({ limit: 3 });
    assertEquals([few.train.count, few.test.count], [3, 3]);
    for (const opened of [task, few, ...others]) opened.close();
  }));

Deno.test("the test part that the seed draws stays out of what is held out of the train part", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/flat`, [""]);
    const options = { canvas: 8, cache: folder, seed: 1 };
    const tested = await openClassificationTask(`${folder}/flat`, options);
    const held = await openClassificationTask(`${folder}/flat`, { ...options, validation: true });
    const names = [...held.train.names, ...held.test.names];
    assertEquals(names.toSorted(), [...tested.train.names].toSorted());
    assertEquals([held.train.count, held.test.count], [8, 4]);
    for (const opened of [tested, held]) opened.close();
  }));

Deno.test("tasks of the world and of pixels have no train images to hold out", async () => {
  for (const source of ["world_shape", "world_parts"]) {
    await assertRejects(
      () => openTask(source, { canvas: 8, validation: true }),
      UserError,
      `Cannot hold out a part of the train images of "${source}"`,
    );
  }
});
