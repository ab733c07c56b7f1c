/** Teachers with random weights are read as their families' own files are. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { vitBase, writeMadeUpTeacher } from "../../../lib/bench/paper_size/made_up_teacher.ts";
import { measureRun } from "../../../lib/bench/paper_size/measured_run.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { openBackbone } from "../../../lib/teachers/open_backbone.ts";
import paper from "../../../recipes/paper_size.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const small = { ...vitBase, width: 64, depth: 2, image: 32 };

Deno.test("each of the paper's families reads them, each with other numbers", () =>
  inTemporaryFolder(async (folder) => {
    await startEngine();
    const features: string[] = [];
    for (const [seed, { name }] of paper.teachers.entries()) {
      const path = `${folder}/${name}.safetensors`;
      await writeMadeUpTeacher(name as "dino", path, small, seed);
      const teacher = await openBackbone({ name, checkpoint: `${name}:${path}` });
      assertEquals([teacher.family, teacher.width, `${teacher.grid()}`], [name, 64, "2,2"]);
      const found = teacher.features(tf.ones([1, 32, 32, 3]));
      const values = [...await found.cls!.data(), ...await found.patch!.data()];
      assert(values.every(Number.isFinite));
      features.push(values.join());
      tf.dispose([found.cls!, found.patch!]);
      teacher.dispose();
    }
    assertEquals(new Set(features).size, paper.teachers.length);
  }));

Deno.test("a run is left, resumed and measured in processes of their own", () =>
  inTemporaryFolder(async (folder) => {
    await writeMadeUpTeacher("dino", `${folder}/dino.safetensors`, small, 0);
    const recipe = applyOverrides(paper, [
      ...["images.size=32", "images.canvas=32", "student.width=16", "student.depth=1"],
      ...["student.heads=2", "optimization.steps=3", "optimization.warmupSteps=0"],
      `teachers=${JSON.stringify([{ name: "a", checkpoint: `dino:${folder}/dino.safetensors` }])}`,
    ]);
    const measure = (name: string, until?: number) =>
      measureRun({ recipe, folder: `${folder}/${name}`, until });
    const whole = await measure("whole"), first = await measure("parts", 2);
    const resumed = await measure("parts");
    assertEquals([first.losses.length, resumed.losses.length, first.digest], [2, 1, undefined]);
    assertEquals([...first.losses, ...resumed.losses], whole.losses);
    assertEquals(resumed.digest, whole.digest);
    assertNotEquals(whole.digest, undefined);
    assert(first.peakBytes >= first.stepBytes && first.stepBytes > 1e8);
  }));
