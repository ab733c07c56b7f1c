import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openDenseTask } from "../../lib/evaluation/tasks/dense_task.ts";
import { evaluateModels } from "../../lib/evaluation/evaluate_models.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { inFolder } from "../images/images_fixture.ts";
import { paint } from "./masked_images_fixture.ts";

await startEngine();

Deno.test("a folder of images and masks is a task, and colours tell its classes apart", () =>
  inFolder(async (folder) => {
    const path = await paint(folder, { value: 255 });
    const task = await openDenseTask(path, { cache: `${folder}/cache` });
    assert(task.kind === "segmentation");
    assertEquals([task.name, task.train.count, task.classes.length], ["halves", 4, 2]);
    assertEquals(task.train.truth.subarray(0, 8).join(), "255,1,1,1,1,1,0,0");
    task.close();
    const { rows } = await evaluateModels([{ source: "resnet20_cifar10" }, { source: "random" }], [
      path,
    ], {
      canvas: 16,
      cache: `${folder}/cache`,
      resume: `${folder}/measured.jsonl`,
    });
    assertEquals(rows.map(({ metric }) => metric), [
      "segmentation mIoU",
      "patch k-NN mIoU",
      "segmentation mIoU",
      "patch k-NN mIoU",
    ]);
    for (const { value, low, high } of rows) assert(value > 60 && low <= value && high >= value);
  }));

Deno.test("metrics that fit no task are refused, others go where they fit", async () => {
  const measure = (task: string, metric: "knn" | "depth") =>
    evaluateModels([{ source: "pixels" }], [task], { canvas: 32, limit: 20, metrics: [metric] });
  await assertRejects(
    () => measure("world_depth", "knn"),
    UserError,
    "expected at least one of depth",
  );
  await assertRejects(() => measure("digits", "depth"), UserError, "expected at least one of knn");
});

Deno.test("depth of generated images is told better by a network than by chance", async () => {
  const { rows } = await evaluateModels([{ source: "resnet20_cifar10" }], ["world_depth"], {
    canvas: 64,
    limit: 40,
  });
  assertStringIncludes(rows[0]?.metric ?? "", "depth RMSE");
  assert(rows[0]!.value > 1 && rows[0]!.value < 300, `${rows[0]!.value} cm`);
});
