/** Broken images in a labelled task. */
import { assertEquals, assertRejects } from "@std/assert";
import { evaluateModels } from "../../lib/evaluation/evaluate_models.ts";
import { openClassificationTask } from "../../lib/evaluation/tasks/classification_task.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { inFolder, pixels, png, writeFiles } from "../images/images_fixture.ts";

const options = { canvas: 12 };

/** Two classes of 60 images; those whose number is among the broken ones are text. */
async function writeTask(folder: string, broken: readonly number[]): Promise<void> {
  const files: Record<string, Uint8Array | string> = {};
  for (let i = 0; i < 120; i++) {
    const name = `${i % 2 ? "odd" : "even"}/${String(i).padStart(3, "0")}.png`;
    files[name] = broken.includes(i) ? "not an image" : await png(i);
  }
  await writeFiles(folder, files);
}

Deno.test("unreadable images of a task are left out and listed, and too many are refused", () =>
  inFolder(async (folder) => {
    const set = `${folder}/set`;
    const features = `${folder}/features`;
    const cache = `${folder}/cache`;
    await writeTask(set, [31]);
    const task = await openClassificationTask(set, { ...options, cache });
    assertEquals(task.excluded?.map(({ name }) => name), ["odd/031.png"]);
    const names = [...task.train.names, ...task.test.names];
    assertEquals(names.length, 119);
    assertEquals(names.includes("odd/031.png"), false);
    // Every image keeps its name and label, behind the gap too.
    for (const part of [task.train, task.test]) {
      part.names.forEach((name, i) => {
        const number = Number(name.slice(-7, -4));
        assertEquals(part.classes[part.labels[i] ?? 9], number % 2 ? "odd" : "even");
        assertEquals([...part.read([i])], [...pixels(number, 12, 12)], name);
      });
    }
    task.close();

    await startEngine();
    const { rows, excluded } = await evaluateModels([{ source: "pixels" }], [set], {
      ...options,
      cache,
      features,
    });
    assertEquals(rows[0]?.images, task.test.count);
    assertEquals(excluded?.map(({ task, name }) => [task, name]), [["set", "odd/031.png"]]);

    const worse = `${folder}/worse`;
    await writeTask(worse, [31, 90]);
    const error = await assertRejects(
      () => openClassificationTask(worse, { ...options, cache }),
      UserError,
      "at most 1 of 120",
    );
    assertEquals(
      ["odd/031.png", "even/090.png"].filter((name) => error.message.includes(name)).length,
      2,
    );
  }));

Deno.test("a part of fewer than a hundred images may have no unreadable one", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, {
      "a/0.png": await png(0),
      "a/1.png": "not an image",
      "b/2.png": await png(2),
      "b/3.png": await png(3),
    });
    await assertRejects(() => openClassificationTask(folder, options), UserError, "a/1.png");
  }));
