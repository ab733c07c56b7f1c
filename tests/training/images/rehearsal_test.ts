/** Images of another run: the same views, and the features that were kept of them. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import type { Recipe } from "../../../lib/recipe/options.ts";
import { addressesOf, drawImages } from "../../../lib/training/batch.ts";
import { distill } from "../../../lib/training/distill.ts";
import { setUpTraining, type TrainingSetup } from "../../../lib/training/setup.ts";
import { freshState } from "../../../lib/training/start.ts";
import { openTargets } from "../../../lib/training/targets.ts";
import type { Backbone } from "../../../lib/teachers/backbone.ts";
import { loadLatestCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { inFolder, png, writeFiles } from "../../images/images_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

const known = madeUpTeacher();
/** Of the same name and digest, so that its features would lie in the same place; it says 7 of everything. */
const forgetful = madeUpTeacher((colours) => tf.add(tf.mul(colours, 0), 7));

/** Images, a finished run of six of them that kept what its teacher said, and a recipe that rehearses four. */
async function begin(folder: string) {
  await writeImages(folder, { count: 6 });
  const old = applyOverrides(recipeOver(folder), [
    ...[
      "featureCache=true",
      "images.views=2",
      "optimization.steps=2",
      "images.augmentation.flip=0.5",
    ],
    "images.augmentation.scale=[0.3,1]",
  ]);
  const run = { folder: `${folder}/old`, features: `${folder}/features` };
  for await (const _ of distill(old, { ...run, teachers: [known] }));
  const added: Record<string, Uint8Array> = {};
  for (let i = 0; i < 5; i++) added[`new/${i}.png`] = await png(100 + i, 16, 16);
  await writeFiles(folder, added);
  const sources = [{ run: run.folder, images: 4 }, { path: `${folder}/new` }];
  const update = applyOverrides(old, [`images.sources=${JSON.stringify(sources)}`]);
  return { old, update, ...run };
}

async function withSetup<T>(
  recipe: Recipe,
  { teacher, features }: { readonly teacher: Backbone; readonly features: string },
  use: (setup: TrainingSetup) => Promise<T>,
): Promise<T> {
  const setup = { ...await setUpTraining(recipe, { teachers: [teacher] }), features };
  try {
    return await use(setup);
  } finally {
    setup.images.close();
  }
}

/** What the teacher's targets are, `[images][numbers]`, of all images of a pass in one view. */
async function targetsOf(setup: TrainingSetup, view: number): Promise<number[][]> {
  const indices = Uint32Array.from({ length: setup.images.count }, (_, i) => i);
  const targets = await openTargets(setup);
  const drawn = drawImages(setup, { indices, view });
  const views = tf.tensor4d(Float32Array.from(drawn.pixels), [indices.length, 16, 16, 3]);
  const { made_up: tokens } = await targets.compute(() => Promise.resolve(views), {
    view,
    indices,
  });
  const rows = await tokens!.patch!.reshape([indices.length, -1]).array() as number[][];
  tf.dispose([views, tokens!]);
  targets.dispose();
  return rows;
}

Deno.test("rehearsed images have the other run's views, and new ones views of their own", () =>
  inFolder(async (folder) => {
    const { old, update, features } = await begin(folder);
    const drawn = (setup: TrainingSetup, indices: Uint32Array) =>
      Promise.resolve(drawImages(setup, { indices, view: 1 }));
    const before = await withSetup(
      old,
      { teacher: known, features },
      (setup) => drawn(setup, Uint32Array.of(0, 1, 2, 3, 4, 5)),
    );
    await withSetup(update, { teacher: known, features }, async (setup) => {
      const { images } = setup;
      assertEquals(images.count, 9);
      const indices = Uint32Array.from({ length: 9 }, (_, i) => i);
      const addresses = addressesOf(images, indices);
      assert(addresses.subarray(0, 4).every((address) => address < 6), `${addresses}`);
      assertEquals([...addresses.subarray(4)], [6, 7, 8, 9, 10]);
      const { pixels, augmentation: { rows } } = await drawn(setup, indices);
      const each = rows.length / 9, size = pixels.length / 9;
      [...addresses.subarray(0, 4)].forEach((address, i) => {
        const part = <T extends Float32Array | Uint8Array>(
          all: T,
          at: number,
          one: number,
        ) => [...all.subarray(at * one, (at + 1) * one)];
        assertEquals(part(rows, i, each), part(before.augmentation.rows, address, each));
        assertEquals(part(pixels, i, size), part(before.pixels, address, size));
      });
      assertEquals(new Set(addresses.subarray(0, 4)).size, 4);
    });
  }));

Deno.test("what a teacher said of rehearsed images is not asked again, and is kept with the new run", () =>
  inFolder(async (folder) => {
    const { old, update, features } = await begin(folder);
    // Both views of the old run, of which its two steps saw a part.
    const said = await withSetup(old, { teacher: known, features }, async (setup) => [
      await targetsOf(setup, 0),
      await targetsOf(setup, 1),
    ]);
    const asked = { teacher: forgetful, features };
    await withSetup(update, asked, async (setup) => {
      const addresses = setup.images.addresses!;
      const kept = await openTargets(setup);
      const { bytes, missing } = kept.kept!.get("made_up")!;
      kept.dispose();
      assert(missing > 0 && missing < bytes, `${missing} of ${bytes}`);
      for (const view of [0, 1]) {
        const rows = await targetsOf(setup, view);
        rows.forEach((row, i) => {
          const expected = i < 4 ? said[view]![addresses[i]!]! : row.map(() => 7);
          assertEquals(row, expected, `image ${i} in view ${view}`);
        });
      }
    });
    // Now that the new run has its own, the old run's cache may go.
    const files = [...Deno.readDirSync(features)].map(({ name }) => `${features}/${name}`)
      .sort((a, b) => Deno.statSync(a).size - Deno.statSync(b).size);
    assertEquals(files.length, 2);
    Deno.removeSync(files[0]!);
    await withSetup(update, asked, async (setup) => {
      const [row] = await targetsOf(setup, 0);
      assertEquals(row, said[0]![setup.images.addresses![0]!]);
    });
  }));

Deno.test("a rehearsed run can be rehearsed, resumed and is refused more images than it has", () =>
  inFolder(async (folder) => {
    const { update, features } = await begin(folder);
    const second = { folder: `${folder}/second`, features, teachers: [known] };
    const steps: number[] = [];
    for await (const { step } of distill(update, second)) {
      steps.push(step);
      if (step === 1) break;
    }
    for await (const { step } of distill(update, { ...second, resume: true })) steps.push(step);
    assertEquals(steps, [1, 2]);
    const third = (images: number) =>
      applyOverrides(update, [
        `images.sources=${JSON.stringify([{ run: second.folder, images }])}`,
      ]);
    await withSetup(third(9), { teacher: forgetful, features }, async (setup) => {
      assertEquals([...setup.images.addresses!].length, 9);
      const rows = await targetsOf(setup, 0);
      // Of the 9 images the second run has seen 8 in two steps.
      assertEquals(rows.filter((row) => row.every((value) => value === 7)).length <= 1, true);
    });
    await assertRejects(
      () => setUpTraining(third(10), { teachers: [known] }),
      UserError,
      "it was trained on 9",
    );
    const late = { ...update.images.sources };
    await assertRejects(
      () =>
        Promise.resolve().then(() =>
          applyOverrides(update, [`images.sources=${JSON.stringify([late[1], late[0]])}`])
        ),
      UserError,
      "at most one such, the first",
    );
  }));

Deno.test("projectors begin with those of the run that is named, of the same teachers only", () =>
  inFolder(async (folder) => {
    const { update, folder: run, features } = await begin(folder);
    const named = applyOverrides(update, [`ladder.from=${JSON.stringify(run)}`]);
    const checkpoint = (await loadLatestCheckpoint(run))!;
    await withSetup(named, { teacher: known, features }, async (setup) => {
      const { state, layout } = await freshState(setup);
      const values = await state.tensors.parameters.data<"float32">();
      for (const { name, offset, size } of layout.entries) {
        const same = [...checkpoint.tensors.get(name)!.data].join() ===
          [...values.subarray(offset, offset + size)].join();
        // Biases of zero are the same in every student.
        if (name.endsWith("weight") && size > 16) {
          assertEquals(same, name.startsWith("ladder."), name);
        }
      }
      tf.dispose(state.tensors);
    });
    const other = madeUpTeacher(undefined, "other");
    const foreign = { ...named, teachers: [{ name: "other" }] };
    await withSetup(foreign, { teacher: other, features }, async (setup) => {
      await assertRejects(() => freshState(setup), UserError, "found the teachers made_up");
    });
  }));
