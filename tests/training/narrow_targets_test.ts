/** A run that learns principal axes: what it says, keeps and is opened with again. */
import { assertEquals, assertMatch } from "@std/assert";
import { openTrainedStudent } from "../../lib/evaluation/models/trained_student.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { readTargetStatistics } from "../../lib/runs/target_statistics.ts";
import { shapeOf } from "../../lib/teachers/backbone.ts";
import { distill } from "../../lib/training/distill.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "./tiny_distillation_fixture.ts";

Deno.test("two of a teacher's three axes: projectors are so wide, their share is told and kept", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 8 });
    const recipe = applyOverrides(recipeOver(folder), [
      "standardizer.kind=fixed",
      "standardizer.axes=2",
      "optimization.steps=3",
    ]);
    const notes: string[] = [], run = `${folder}/run`;
    const options = { folder: run, onNote: (line: string) => notes.push(line) };
    for await (const { loss } of distill(recipe, { ...options, teachers: [madeUpTeacher()] })) {
      assertEquals(Number.isFinite(loss), true);
    }
    const told = notes.filter((line) => line.includes("axes"));
    assertEquals(told.length, 1);
    assertMatch(
      told[0]!,
      /^teacher made_up: 2 of 3 axes keep \d+\.\d % of cls and \d+\.\d % of patch/,
    );
    const statistics = await readTargetStatistics(run);
    assertEquals(statistics.map(({ width, axes }) => [width, axes?.count]), [[3, 2], [3, 2]]);
    const share = `${(100 * statistics[0]!.axes!.kept).toFixed(1)} % of cls`;
    assertEquals(told[0]!.includes(share), true, share);
    const trained = await openTrainedStudent(run, recipe, [shapeOf(madeUpTeacher())]);
    assertEquals(trained.statistics.made_up!.patch!.axes!.shape, [3, 2]);
    assertEquals(trained.config.ladder.teachers[0]!.width, 2);
    trained.dispose();
  }));
