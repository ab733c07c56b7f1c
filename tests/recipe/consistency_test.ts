import { assertStringIncludes, assertThrows } from "@std/assert";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

Deno.test("values that contradict each other are refused, all at once", () => {
  const error = assertThrows(
    () =>
      defineRecipe({
        ...minimal,
        teachers: ["digits", "digits"],
        student: { width: 97, depth: 6, heads: 3, patchSize: 5 },
        ladder: { blocks: [0, 6] },
        optimization: { batchSize: 64, steps: 10, epochs: 1 },
      }),
    UserError,
  );
  for (
    const part of [
      'found both "steps" and "epochs"',
      "97 cannot be divided over 3 heads",
      "32 px is not a multiple",
      '"digits" stands there twice',
      "found 6; expected different blocks from 0 to 5",
    ]
  ) assertStringIncludes(error.message, part);
  assertThrows(
    () => defineRecipe({ ...minimal, optimization: { batchSize: 64 } }),
    UserError,
    'found neither "steps" nor "epochs"',
  );
});

Deno.test("blocks of a ladder that fall are refused with the recipe", () => {
  assertThrows(
    () => defineRecipe({ ...minimal, ladder: { blocks: [1, 0] } }),
    UserError,
    '"ladder.blocks": found 0 after 1; expected blocks in rising order',
  );
  assertThrows(
    () => defineRecipe({ ...minimal, ladder: { blocks: [2, 2] } }),
    UserError,
    "found 2; expected different blocks from 0 to 5",
  );
});

Deno.test("options that another one rules out are refused, each with the reason", () => {
  const refused = (input: Partial<RecipeInput>, reason: string) =>
    assertThrows(() => defineRecipe({ ...minimal, ...input }), UserError, reason);
  refused({ featureCache: true }, 'give "images.views"');
  refused({ featureCache: { tokens: ["cls"], patchStride: 2 } }, "no patch tokens are kept");
  refused({ balancing: { kind: "fixed" } }, "found none; give one for each teacher");
  refused({ balancing: { weights: { digits: 2 } } }, 'only "fixed" has weights');
  refused({ balancing: { kind: "fixed", weights: { cats: 2 } } }, 'no teacher is named "cats"');
  refused({ balancing: { kind: "none", level: "patch" } }, 'only "teacher_drop" works by patch');
  refused({ ladder: { shared: true } }, 'a "ladder" projector has none; only top');
  refused({ ladder: { kind: "transformer", lastHidden: 8 } }, "only ladder and top");
});
