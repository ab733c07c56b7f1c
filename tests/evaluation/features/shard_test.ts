import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { itemsOfShard, shardPath } from "../../../lib/evaluation/features/shard.ts";
import { writeFeatures } from "../../../lib/evaluation/features/write.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import { inFolder, png, writeFiles } from "../../images/images_fixture.ts";

await startEngine();

async function writeImages(folder: string, count: number): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) files[`${i % 3}/${i}.png`] = await png(i, 32, 32);
  await writeFiles(folder, files);
  return folder;
}

Deno.test("parts are whole batches, in order and each once", () => {
  for (const [count, batch, of] of [[10, 3, 4], [11, 2, 3], [7, 7, 1], [100, 1, 16]] as const) {
    const items = Array.from({ length: count }, (_, i) => i);
    const parts = Array.from(
      { length: of },
      (_, i) => itemsOfShard(items, { part: i + 1, of }, batch),
    );
    assertEquals(parts.flat(), items);
    parts.slice(0, -1).forEach((part) => assertEquals(part.length % batch, 0));
    assert(parts.every(({ length }) => length > 0));
  }
  assertThrows(() => itemsOfShard([1, 2, 3], { part: 1, of: 3 }, 2), UserError);
});

Deno.test("the parts' features merge to the bytes of one process, whatever their order", () =>
  inFolder(async (folder) => {
    const images = await writeImages(`${folder}/images`, 11);
    const backbone = await loadTeacher("resnet20_cifar10");
    const whole = `${folder}/whole.safetensors`, out = `${folder}/parts.safetensors`;
    await writeFeatures(backbone, { images, out: whole, batchSize: 2 });
    for (const part of [3, 1]) {
      const shard = { part, of: 3 };
      const written = await writeFeatures(backbone, { images, out, batchSize: 2, shard });
      assertEquals(written.out, shardPath(out, shard));
    }
    const last = await writeFeatures(backbone, {
      ...{ images, out, batchSize: 2 },
      shard: { part: 2, of: 3 },
    });
    assertEquals(last.out, out);
    assertEquals(await Deno.readFile(out), await Deno.readFile(whole));
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assertEquals(left, ["images", "parts.safetensors", "whole.safetensors"]);
    backbone.dispose();
  }));

Deno.test("a part of another network is refused by its name, and everything stays", () =>
  inFolder(async (folder) => {
    const images = await writeImages(`${folder}/images`, 4);
    const out = `${folder}/f.safetensors`;
    const [one, other] = [
      await loadTeacher("resnet20_cifar10"),
      await loadTeacher("resnet56_cifar10"),
    ];
    await writeFeatures(one, { images, out, batchSize: 2, shard: { part: 1, of: 2 } });
    const { message } = await assertRejects(
      () => writeFeatures(other, { images, out, batchSize: 2, shard: { part: 2, of: 2 } }),
      UserError,
    );
    assert(/part-2-of-2.* with .*part-1-of-2/.test(message), message);
    assertEquals(await Deno.stat(out).then(() => true, () => false), false);
    for (const part of [1, 2]) await Deno.stat(shardPath(out, { part, of: 2 }));
    one.dispose();
    other.dispose();
  }));
