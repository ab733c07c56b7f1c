/** A dense canvas is cut into equal tiles, or refused before anything is read. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { patchExtractor } from "../../../lib/evaluation/features/patches.ts";
import { pixelBackbone } from "../../../lib/evaluation/models/baselines.ts";
import { openDenseTask } from "../../../lib/evaluation/tasks/dense_task.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

Deno.test("a canvas that tiles do not divide is refused with the nearest that they do", () =>
  inTemporaryFolder(async (folder) => {
    const write = async (canvas: number, tiles: number, kind: "segmentation" | "depth") => {
      const path = `${folder}/${kind}${canvas}_${tiles}.dense.json`;
      const world = { seed: 3, train: 2, test: 2 };
      const manifest = { kind, description: "x", canvas, tiles, world };
      await Deno.writeTextFile(path, JSON.stringify(manifest));
      return path;
    };
    for (const kind of ["segmentation", "depth"] as const) {
      const refused = async (canvas: number, tiles: number, message: string) => {
        const path = await write(canvas, tiles, kind);
        await assertRejects(() => openDenseTask(path), UserError, message);
      };
      await refused(47, 16, "47 px cannot be cut into 16 x 16 equal tiles");
      await refused(47, 16, "expected a multiple of 16, such as 48");
      await refused(8, 16, "such as 16");
      const task = await openDenseTask(await write(48, 16, kind));
      assertEquals([task.canvas, task.tiles], [48, 16]);
      task.close();
    }
  }));

Deno.test("nor does a network see tiles that leave a part of the image out", () => {
  const refused = () => patchExtractor(pixelBackbone(), { canvas: 47, tiles: 16 });
  assertThrows(refused, UserError, "a multiple of 16");
});
