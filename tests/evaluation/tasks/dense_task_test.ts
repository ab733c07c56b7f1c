import { assertRejects } from "@std/assert";
import { readManifest } from "../../../lib/evaluation/tasks/manifest.ts";
import { openDenseTask } from "../../../lib/evaluation/tasks/dense_task.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { paint } from "../masked_images_fixture.ts";

Deno.test("masks that do not fit are refused, with the file and what to do", () =>
  inFolder(async (folder) => {
    const refused = async (path: string, text: string) => {
      const open = () => openDenseTask(path, { cache: `${folder}/cache` });
      await assertRejects(open, UserError, text);
    };
    await refused(
      await paint(`${folder}/size`, { width: 12 }),
      "12 x 16 pixels and its image 16 x 16",
    );
    await refused(await paint(`${folder}/label`, { value: 7 }), "the mask holds the value 7");
    const path = await paint(`${folder}/lost`);
    await Deno.remove(`${folder}/lost/masks/train/2.png`);
    await refused(path, 'none for the image "2"');
    await Deno.writeTextFile(`${folder}/broken.dense.json`, '{"kind": "panoptic"}');
    await assertRejects(
      () => readManifest(`${folder}/broken.dense.json`),
      UserError,
      "data/tasks/dense",
    );
  }));
