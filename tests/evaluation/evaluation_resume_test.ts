/** Features and measurements that are kept: the second evaluation runs no network and measures nothing. */
import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  classificationEvaluator,
  type ClassificationOptions,
} from "../../lib/evaluation/classification.ts";
import { measureModel } from "../../lib/evaluation/measure_model.ts";
import { openClassificationTask } from "../../lib/evaluation/tasks/classification_task.ts";
import { openMeasurementCache } from "../../lib/evaluation/measurement_cache.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import type { Backbone } from "../../lib/teachers/backbone.ts";

await startEngine();

/** Mean colours, counting how often they were traced. */
function counting(digest: string): { backbone: Backbone; traced: () => number } {
  let traced = 0;
  const backbone: Backbone = {
    name: "colours",
    family: "test",
    licence: "Apache-2.0",
    digest,
    input: { size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
    width: 3,
    tokens: ["cls", "patch"],
    parameterCount: 0,
    grid: () => [1, 1],
    features: (images) => {
      traced++;
      const cls = tf.mean<tf.Tensor2D>(images, [1, 2]);
      return { cls, patch: tf.expandDims<tf.Tensor3D>(cls, 1) };
    },
    dispose: () => {},
  };
  return { backbone, traced: () => traced };
}

Deno.test("what was measured is not measured again, and features serve other metrics", async () => {
  const folder = await Deno.makeTempDir();
  const task = await openClassificationTask("digits", { canvas: 16, limit: 60, cache: folder });
  const features = `${folder}/features`;
  const log = `${folder}/measured.jsonl`;
  const evaluate = async (digest: string, options: ClassificationOptions) => {
    const { backbone, traced } = counting(digest);
    const model = { name: "colours", role: "baseline", backbone } as const;
    const cache = await openMeasurementCache(log);
    const evaluator = classificationEvaluator(task, options);
    const { rows } = await measureModel(model, [evaluator], { features, cache });
    // One trace counts the operations and one times an image; a third would extract features.
    return { rows: rows.map(({ row }) => row), traced: traced() };
  };
  const files = () => [...Deno.readDirSync(features)].length;
  try {
    const first = await evaluate("a", { k: [5, 10] });
    assertEquals(first.rows.map(({ metric }) => metric), [
      "k-NN accuracy, k = 5",
      "k-NN accuracy, k = 10",
    ]);
    assertEquals(files(), 2);
    const again = await evaluate("a", { k: [5, 10] });
    assertEquals(again.rows, first.rows); // the seconds too: nothing was measured
    const other = await evaluate("a", { metrics: ["class_mean", "knn"], k: 5 });
    assertEquals(other.rows[1]?.value, first.rows[0]?.value);
    assertEquals(files(), 2);

    // Another backbone of the same name, and a log that was torn by a kill.
    await evaluate("b", { k: 5 });
    assertEquals(files(), 4);
    const text = await Deno.readTextFile(log);
    await Deno.writeTextFile(log, text.slice(0, -20));
    const torn = await evaluate("b", { k: 5 });
    assertEquals(torn.rows.length, 1);
    assertEquals((await evaluate("b", { k: 5 })).rows, torn.rows);

    // A damaged file of features is made anew, from the backbone.
    for (const { name } of Deno.readDirSync(features)) {
      const bytes = await Deno.readFile(`${features}/${name}`);
      bytes[bytes.length - 1]! ^= 0x55;
      await Deno.writeFile(`${features}/${name}`, bytes);
    }
    const mended = await evaluate("a", { metrics: ["retrieval"] });
    await Deno.remove(features, { recursive: true });
    await Deno.remove(log);
    const fresh = await evaluate("a", { metrics: ["retrieval"] });
    assertEquals(mended.rows[0]?.value, fresh.rows[0]?.value);
    assertNotEquals(mended.rows[0]?.value, 100);
  } finally {
    task.close();
    await Deno.remove(folder, { recursive: true });
  }
});
