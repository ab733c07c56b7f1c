/** An error in the middle of a trace, a step or a save leaves no tensor behind. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertRejects } from "@std/assert";
import { diskFiles } from "../../lib/io/storage.ts";
import { distill } from "../../lib/training/distill.ts";
import type { DistillOptions } from "../../lib/training/distill_options.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import type { Backbone } from "../../lib/teachers/backbone.ts";
import { madeUpTeacher, recipeOver, writeImages } from "./tiny_distillation_fixture.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

/** Where an error is thrown, its message, and after how many updates. */
const cases: readonly {
  readonly where: string;
  readonly words: string;
  readonly teacher?: () => Backbone;
  readonly options?: DistillOptions;
  readonly updates: number;
}[] = [
  {
    where: "a trace",
    words: "no such layer",
    teacher: () =>
      madeUpTeacher((colours) => {
        tf.add(colours, 1); // Made before the mistake.
        throw new Error("no such layer");
      }),
    updates: 0,
  },
  {
    where: "a step",
    words: "not finite",
    teacher: () => madeUpTeacher((colours) => tf.div(colours, tf.zerosLike(colours))),
    updates: 0,
  },
  {
    where: "a save",
    words: "torn cable",
    options: { files: { ...diskFiles, rename: () => Promise.reject(new Error("torn cable")) } },
    updates: 2,
  },
];

for (const { where, words, teacher = () => madeUpTeacher(), options = {}, updates } of cases) {
  Deno.test(`an error in the middle of ${where} leaves no tensor behind`, () =>
    inTemporaryFolder(async (folder) => {
      const engine = await startEngine();
      await writeImages(folder, { count: 8 });
      const before = engine.liveTensors();
      const seen: number[] = [];
      const run = async () => {
        const distillOptions = { folder: `${folder}/run`, teachers: [teacher()], ...options };
        for await (const { step } of distill(recipeOver(folder), distillOptions)) seen.push(step);
      };
      await assertRejects(run, Error, words);
      assertEquals(seen.length, updates);
      assertEquals(engine.liveTensors(), before);
    }));
}
