import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { openModel } from "../../lib/evaluation/models/open_model.ts";
import {
  classificationEvaluator,
  type ClassificationOptions,
} from "../../lib/evaluation/classification.ts";
import { featureExtractor } from "../../lib/evaluation/features/pooled.ts";
import { measureModel } from "../../lib/evaluation/measure_model.ts";
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
    let time = 0;
    const { rows, cost } = await measureModel(model, [classificationEvaluator(task, { k: 3 })], {
      now: () => time += 10,
    });
    assertEquals(engine.liveTensors(), before);
    const row = rows[0]?.row;
    assertEquals([row?.model, row?.task, row?.value], ["pixels", "colours", 100]);
    assertEquals([row?.low, row?.high, row?.images], [100, 100, 16]);
    assertEquals(cost.parameters, 0);
    assertEquals(cost.milliseconds, 10 / 16, "for each of the images that were timed");
    task.close();
  }));

Deno.test("a kept measurement is found again by what it depends on, and by nothing else", () =>
  inFolder(async (folder) => {
    await paint(`${folder}/colours`, ["train/", "test/"]);
    const task = await openClassificationTask(`${folder}/colours/`, { canvas: 8, cache: folder });
    const model = await openModel("pixels");
    const extractor = featureExtractor(model.backbone);
    /** The key of the only metric; nothing is measured, since the cache has it. */
    const keyOf = async (options: ClassificationOptions) => {
      const keys: string[] = [];
      const cache = {
        find: (key: unknown) => {
          keys.push(JSON.stringify(key));
          return [];
        },
        add: () => Promise.reject(new Error("It was found")),
      };
      await classificationEvaluator(task, options).measure({ ...model, extractor }, { cache });
      assertEquals(keys.length, 1);
      return keys[0];
    };
    const costs = { classes: ["blue", "red"], costs: Float64Array.of(0, 1, 5, 0) };
    const different: ClassificationOptions[] = [
      { k: 3 },
      { k: 4 },
      { k: 3, seed: 1 },
      { k: 3, feature: "patch" },
      { metrics: ["logistic"] },
      { metrics: ["logistic"], costs },
      { metrics: ["logistic"], costs: { ...costs, costs: Float64Array.of(0, 1, 6, 0) } },
      { metrics: ["logistic"], costs, rejection: 2 },
      { metrics: ["logistic"], rejection: 2 },
      { metrics: ["class_mean"] },
    ];
    const keys = await Promise.all(different.map(keyOf));
    assertEquals(new Set(keys).size, different.length);
    assertEquals(await keyOf({ k: 3 }), keys[0]);
    assertEquals(await keyOf({ metrics: ["class_mean"], k: 7 }), keys.at(-1), "k is of k-NN alone");
    const other = { ...model, backbone: { ...model.backbone, digest: "other" } };
    let otherKey = "";
    await classificationEvaluator(task, { k: 3 }).measure({ ...other, extractor }, {
      cache: {
        find: (key) => {
          otherKey = JSON.stringify(key);
          return [];
        },
        add: () => Promise.resolve(),
      },
    });
    assert(otherKey !== keys[0], "another network");
    extractor.dispose();
    task.close();
  }));
