/** Kept features are found only where nothing that they depend on has changed. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import { featureVersion } from "../../../lib/teachers/feature_version.ts";
import { featureCacheKey } from "../../../lib/training/feature_cache/key.ts";
import { openFeatureCache } from "../../../lib/training/feature_cache/file.ts";
import { setUpTraining } from "../../../lib/training/setup.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

Deno.test("another version of the package's features, or of the library, is another file", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 5 });
    const teacher = madeUpTeacher();
    const setup = await setUpTraining(recipeOver(folder), { teachers: [teacher] });
    const version = await featureVersion();
    const path = (versions: typeof version) => {
      const key = featureCacheKey(setup, teacher, versions);
      using cache = openFeatureCache({ folder, key, views: 1, images: 5, width: 3 });
      return cache.path;
    };
    assertEquals(path(version), path({ ...version }));
    assertNotEquals(path({ ...version, features: version.features + 1 }), path(version));
    assertNotEquals(path({ ...version, library: "tensorflow 2.22.0 CPU" }), path(version));
    setup.images.close();
  }));

Deno.test("the key holds everything that changes a view's features, and nothing else", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 5 });
    const version = await featureVersion(), recipe = recipeOver(folder);
    const keyOf = async (settings: readonly string[], teacher = madeUpTeacher()) => {
      const setup = await setUpTraining(applyOverrides(recipe, settings), { teachers: [teacher] });
      const key = JSON.stringify(featureCacheKey(setup, teacher, version));
      setup.images.close();
      return key;
    };
    const plain = await keyOf([]);
    for (
      const settings of [
        ["precision=bfloat16"],
        ["precision=tf32"],
        ["mode=eager"],
        ["images.canvas=24"],
        ["images.augmentation.flip=0.5"],
        ["images.views=2", 'featureCache={"tokens":["patch"]}'],
        ["images.views=2", 'featureCache={"patchStride":2}'],
      ]
    ) assertNotEquals(await keyOf(settings), plain, `${settings}`);
    const other = { ...madeUpTeacher(), digest: "another network" };
    assertNotEquals(await keyOf([], other), plain);
    // Nothing is drawn, so the seed is none of it; nor is what the teacher is called.
    for (const settings of [["seed=1"], ["optimization.steps=9"], ["student.width=16"]]) {
      assertEquals(await keyOf(settings), plain, `${settings}`);
    }
    assertEquals(await keyOf([], { ...madeUpTeacher(), name: "called_otherwise" }), plain);
  }));
