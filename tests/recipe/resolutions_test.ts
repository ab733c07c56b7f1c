/** Sizes of a student's images that rise: phases, refusals, and recipes without them. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { describeStudent } from "../../lib/recipe/describe_student.ts";
import { recipeDigest } from "../../lib/recipe/fingerprint.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { resolutionAt, resolutionPhases, resolutionShares } from "../../lib/recipe/resolutions.ts";
import type { RecipeStudent } from "../../lib/recipe/student_options.ts";
import { encoderConfigOf } from "../../lib/recipe/student_config.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

type Resolutions = RecipeStudent["resolutions"] & object;

function transformer(resolutions: Resolutions, more: Partial<RecipeInput> = {}) {
  return defineRecipe({ ...minimal, student: { ...minimal.student, resolutions }, ...more });
}

function convolutional(resolutions: Resolutions, more: Partial<RecipeInput> = {}) {
  const student = { kind: "mobilenet_v2", inputSize: 96, resolutions } as const;
  return defineRecipe({ ...minimal, student, ...more });
}

Deno.test("sizes take equal shares of the steps, or end where they say; the last is always seen", () => {
  const equal = transformer([16, 24, 32]);
  const ends = (recipe: typeof equal, steps: number) =>
    resolutionPhases(recipe, steps).map(({ size, until }) => [size, until]);
  assertEquals(ends(equal, 10), [[16, 3], [24, 6], [32, 10]]);
  assertEquals([0, 2, 3, 5, 6, 9].map((step) => resolutionAt(equal, 10, step)), [
    ...[16, 16, 24, 24, 32, 32],
  ]);
  assertEquals(ends(equal, 2), [[24, 1], [32, 2]]);
  assertEquals(ends(equal, 1), [[32, 1]]);
  const named = transformer([{ size: 16, until: 0.5 }, { size: 24, until: 0.75 }, 32]);
  assertEquals(ends(named, 100), [[16, 50], [24, 75], [32, 100]]);
  assertEquals(resolutionShares(named), [
    { size: 16, share: 0.5 },
    { size: 24, share: 0.25 },
    { size: 32, share: 0.25 },
  ]);
  const plain = defineRecipe(minimal);
  assertEquals(ends(plain, 9), [[32, 9]]);
  assertEquals(resolutionShares(plain), [{ size: 32, share: 1 }]);
});

Deno.test("they are no part of the network; recipes without them keep their digests", () => {
  const plain = defineRecipe(minimal);
  assert(!("resolutions" in plain.student));
  const rising = applyOverrides(plain, ["student.resolutions=16,24,32"]);
  assertEquals(rising.student.resolutions, [16, 24, 32]);
  assertEquals(encoderConfigOf(rising), encoderConfigOf(plain));
  assertNotEquals(recipeDigest(rising), recipeDigest(plain));
  assert(describeStudent(rising).includes("patches of 4 px on 16, then 24, then 32 px"));
  const wide = convolutional([48, 64, 96]);
  assert(describeStudent(wide).includes("stages on 48, then 64, then 96 px"));
  assert(!("resolutions" in encoderConfigOf(wide)));
});

Deno.test("sizes that fall, do not fit or are not the student's own are refused with what would", () => {
  const refused = (define: () => unknown, message: string) =>
    assertThrows(define, UserError, message);
  refused(() => transformer([24, 16, 32]), "found 16 after 24; expected rising sizes");
  refused(() => transformer([16, 16, 32]), "found 16 after 16; expected rising sizes");
  refused(() => transformer([16, 24]), 'own size ("images.size") is 32; expected');
  refused(() => convolutional([48, 64]), 'own size ("student.inputSize") is 96; expected');
  refused(() => transformer([10, 32]), '10 px is not a multiple of "student.patchSize", 4 px');
  refused(() => convolutional([16, 96]), 'one place of the last map of "mobilenet_v2", 32 px');
  refused(() => transformer([32]), "student.resolutions");
  refused(() => transformer([0, 32]), "student.resolutions");
  refused(() => transformer([{ size: 16, until: 1 }, 32]), "student.resolutions");
  const mixed = 'expected "until" of all sizes but the last';
  refused(() => transformer([{ size: 16, until: 0.5 }, 24, 32]), mixed);
  refused(() => transformer([16, { size: 32, until: 0.5 }]), mixed);
  refused(
    () => transformer([{ size: 16, until: 0.5 }, { size: 24, until: 0.5 }, 32]),
    'found "until" 0.5 after 0.5; expected rising shares',
  );
  refused(
    () => transformer([16, 32], { featureCache: { patchStride: 2 } }),
    'expected "featureCache.patchStride" to be 1, found 2',
  );
});
