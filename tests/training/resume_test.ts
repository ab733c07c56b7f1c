/** 2N steps equal N steps, a stop and N steps: in the middle of an epoch, with any workers, in both precisions. */
import { assert, assertEquals } from "@std/assert";
import { readLog } from "../../lib/runs/step_log.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { distill } from "../../lib/training/distill.ts";
import { runPaths } from "../../lib/runs/run_folder.ts";
import { madeUpTeacher, recipeOver, writeImages } from "./tiny_distillation_fixture.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

for (const precision of ["float32", "bfloat16"] as const) {
  Deno.test(`a run in ${precision} that is left in mid-epoch and resumed with 0, 1 and 4 workers is the same`, () =>
    inTemporaryFolder(async (folder) => {
      await writeImages(folder, { count: 10 });
      const run = async (name: string, workers: number, leaveAfter = Infinity) => {
        const { images, ...recipe } = recipeOver(folder);
        // Everything that draws: views, dropped teachers, stochastic depth.
        const drawing = defineRecipe({
          ...recipe,
          images: { sources: images.sources, size: images.size },
          teachers: ["made_up", "inverted"],
          student: { ...recipe.student, depth: 2, dropPath: 0.2 },
          precision,
          workers,
        });
        const paths = runPaths(`${folder}/${name}`);
        const teachers = [madeUpTeacher(), madeUpTeacher((x) => x.neg(), "inverted")];
        const steps = distill(drawing, { folder: paths.folder, resume: true, teachers });
        let next = await steps.next();
        for (; !next.done && next.value.step < leaveAfter;) next = await steps.next();
        if (!next.done) {
          await steps[Symbol.asyncDispose]();
          return { digest: undefined, log: await numbers(paths.log) };
        }
        return { digest: next.value.stateDigest, log: await numbers(paths.log) };
      };
      const whole = await run("whole", 0);
      assertEquals(whole.log.length, 12);
      assert(
        whole.log.some(({ shares }) => shares.made_up !== shares.inverted),
        "some are dropped",
      );
      for (const workers of [0, 1, 4]) {
        // 10 images and batches of 4: step 7 lies within the third or fourth pass.
        const left = await run(`with ${workers}`, workers, 7);
        assertEquals(left, { digest: undefined, log: whole.log.slice(0, 7) });
        assertEquals(await run(`with ${workers}`, workers), whole, `${workers} workers`);
      }
    }));
}

/** All of a log that does not come from a clock. */
async function numbers(log: string) {
  return (await readLog(log)).map(
    ({ seconds: _, secondsLeft: _left, imagesPerSecond: _rate, waitingShare: _share, ...rest }) =>
      rest,
  );
}
