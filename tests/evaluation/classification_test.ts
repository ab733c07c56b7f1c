import { assertEquals, assertGreater } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import { classificationEvaluator } from "../../lib/evaluation/classification.ts";
import { measureModel } from "../../lib/evaluation/evaluate_models.ts";
import { openClassificationTask } from "../../lib/evaluation/tasks/classification_task.ts";
import { inFolder } from "../images/images_fixture.ts";
import { paint } from "./coloured_images_fixture.ts";

const engine = await startEngine();

Deno.test("a folder with train and test is a task, and pixels tell red from blue", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/colours`, ["train/", "test/"]);
    const task = await openClassificationTask(`${folder}/colours/`, { canvas: 8, cache: folder });
    assertEquals([task.name, task.train.count, task.test.count], ["colours", 16, 16]);
    const model = await openModel("pixels");
    const before = engine.liveTensors();
    const { rows, cost } = await measureModel(model, [classificationEvaluator(task, { k: 3 })]);
    assertEquals(engine.liveTensors(), before);
    const row = rows[0]?.row;
    assertEquals([row?.model, row?.task, row?.value], ["pixels", "colours", 100]);
    assertEquals([row?.low, row?.high, row?.images], [100, 100, 16]);
    assertEquals(cost.parameters, 0);
    assertGreater(cost.milliseconds ?? 0, 0);
    task.close();
  }));
