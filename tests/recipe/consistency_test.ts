import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
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
      '"optimization.steps": found "optimization.epochs" beside it; give only one',
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
    () => defineRecipe({ ...minimal, ladder: { blocks: [5, 1] } }),
    UserError,
    '"ladder.blocks": found 1 after 5; expected blocks in rising order',
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
  const student = minimal.student;
  defineRecipe({ ...minimal, student: { ...student, mlpRatio: 221 / 96 } });
  refused(
    { student: { ...student, mlpRatio: 2.3 } },
    "220.8, not a whole number of hidden features",
  );
  refused(
    { student: { ...student, headCounts: [3, 2] } },
    "headCounts are [3, 2], expected 6 whole numbers of at least 1, one for each block",
  );
  refused(
    { student: { ...student, source: "none" } },
    '"student.source": no teacher is named "none"',
  );
  refused(
    { student: { ...student, source: "digits" }, ladder: { kind: "top" } },
    'the heads of a "ladder" add to what the student predicts by itself, found "top"',
  );
  refused(
    { student: { kind: "resnet_cifar", blocks: 1, hiddenWidths: [8, 8] } },
    "hidden widths [8, 8]: expected 3 whole numbers",
  );
  refused(
    { student: { ...student, stem: "convolution", width: 99 } },
    "a patch size of 2, 4, 8 or 16",
  );
  refused(
    { student: { ...student, stem: "convolution", patchSize: 1 } },
    "a patch size of 2, 4, 8 or 16",
  );
  refused({ optimization: { batchSize: 4, steps: 5, warmupSteps: 5 } }, "5 fill a run of 5");
  const learningRates = { backbone: 0, heads: 1 };
  for (const other of ["learningRate", "baseLearningRate"] as const) {
    refused(
      { optimization: { batchSize: 4, steps: 5, [other]: 1, learningRates } },
      `"optimization.${other}": found "optimization.learningRates" beside it`,
    );
  }
  refused(
    { optimization: { batchSize: 4, steps: 5, learningRates: { backbone: 1, heads: 0 } } },
    "optimization.learningRates.heads",
  );
  refused({ standardizer: { axes: 8 } }, '"standardizer.axes": "ema" is not fitted before');
  refused({ standardizer: { kind: "batch", axes: 8 } }, '"batch" is not fitted before');
  const narrow = { kind: "fixed", axes: 64 } as const;
  refused({ standardizer: { ...narrow, batches: 1 } }, "64 axes cannot be found in 64 rows");
  defineRecipe({ ...minimal, standardizer: { ...narrow, batches: 2 } });
  const masked = { student: { ...student, tokenMask: 0.5 } };
  refused({ student: { ...student, tokenMask: 1 } }, "student.tokenMask");
  refused({ ...masked, featureCache: { patchStride: 2 } }, '"student.tokenMask": patches that');
  defineRecipe({ ...minimal, ...masked });
  refused({ featureCache: true }, 'give "images.views"');
  refused({ featureCache: { tokens: ["cls"], patchStride: 2 } }, "no patch tokens are kept");
  refused({ balancing: { kind: "fixed" } }, "found none; give one for each teacher");
  refused({ balancing: { weights: { digits: 2 } } }, 'only "fixed" has weights');
  refused({ balancing: { kind: "fixed", weights: { cats: 2 } } }, 'no teacher is named "cats"');
  refused({ balancing: { kind: "none", level: "patch" } }, 'only "teacher_drop" works by patch');
  refused({ ladder: { shared: true } }, 'a "ladder" projector has none; only top');
  refused({ ladder: { kind: "transformer", lastHidden: 8 } }, "only ladder and top");
});

Deno.test("a single row of features has no deviation: refused before a folder is made", () => {
  const define = (input: Partial<RecipeInput>) => () => defineRecipe({ ...minimal, ...input });
  const one = { batchSize: 1, steps: 9 };
  for (const kind of ["ema", "batch"] as const) {
    assertThrows(
      define({ optimization: one, standardizer: { kind } }),
      UserError,
      `"optimization.batchSize": found 1; the "${kind}" standardiser needs two rows`,
    );
  }
  assertThrows(
    define({ optimization: one, standardizer: { kind: "fixed", batches: 1 } }),
    UserError,
    '"standardizer.batches": found 1',
  );
  assertThrows(
    define({ optimization: { ...one, steps: 1 }, standardizer: { kind: "phi_s" } }),
    UserError,
    "two rows of features",
  );
  define({ optimization: one, standardizer: { kind: "fixed", batches: 2 } })();
  // Patches of one image are many rows.
  const images = { ...minimal.images, views: 2 };
  define({ optimization: one, images, featureCache: { tokens: ["patch"] } })();
});

Deno.test("a ladder without the last block, whose output is the student's feature, is refused", () => {
  assertThrows(
    () => defineRecipe({ ...minimal, ladder: { blocks: [0, 1] } }),
    UserError,
    "the student's features come from its last block, 5, which would learn nothing; " +
      "expected it among [0,1]",
  );
  defineRecipe({ ...minimal, ladder: { blocks: [1, 5] } });
});

Deno.test("names and sizes that no step could use are refused with the recipe", () => {
  const refused = (input: Partial<RecipeInput>, reason: string) =>
    assertThrows(() => defineRecipe({ ...minimal, ...input }), UserError, reason);
  const checkpoint = "dino:dino.v2.pth";
  refused({ teachers: [{ name: "dino.v2", checkpoint }] }, 'without a dot, such as "dino_v2"');
  defineRecipe({ ...minimal, teachers: [{ name: "dino_v2", checkpoint }] });
  const sources = [{ world: { seed: 0, images: 64 } }];
  refused({ images: { sources, size: 32, canvas: 4 } }, "images of the generated world have 8 to");
  defineRecipe({ ...minimal, images: { sources, size: 32, canvas: 8 } });
});

Deno.test("a budget of minutes stands instead of steps and epochs, and plans the views of a cache", () => {
  const optimization = { batchSize: 64 };
  const { budget } = defineRecipe({
    ...minimal,
    optimization,
    budget: { minutes: 10 },
    featureCache: true,
  });
  assertEquals(budget, { minutes: 10, teacherShare: 0.5 });
  const refused = (input: Partial<RecipeInput>, reason: string) =>
    assertThrows(() => defineRecipe({ ...minimal, ...input }), UserError, reason);
  refused({ budget: { minutes: 10 } }, '"optimization.steps": found "budget" beside it');
  refused(
    { optimization: { batchSize: 64, epochs: 2 }, budget: { minutes: 10 } },
    '"optimization.epochs": found "budget" beside it',
  );
  refused({ optimization, budget: { minutes: 0 } }, '"budget.minutes"');
  refused({ optimization, budget: { minutes: 1, teacherShare: 0 } }, '"budget.teacherShare"');
  const shorter = applyOverrides(defineRecipe(minimal), ["budget.minutes=3"]);
  assertEquals([shorter.budget?.minutes, shorter.optimization.steps], [3, undefined]);
  assertEquals(applyOverrides(shorter, ["optimization.epochs=2"]).budget, undefined);
});

Deno.test("a subset that fills no batch, and a teacher that cannot stop, are refused", () => {
  const refused = (input: Partial<RecipeInput>, reason: string) =>
    assertThrows(() => defineRecipe({ ...minimal, ...input }), UserError, reason);
  const images = (subset: NonNullable<RecipeInput["images"]["subset"]>) => (
    { images: { ...minimal.images, subset } }
  );
  refused(images({ images: 63 }), '"images.subset.images": 63 fill no batch of 64');
  refused(
    images({ images: 64, choice: "balanced", clusters: 65 }),
    '"images.subset.clusters": found 65 for 64 images',
  );
  defineRecipe({ ...minimal, ...images({ images: 64, choice: "random", clusters: 65 }) });
  const stop = { heldOut: 64, every: 10 };
  refused({ teachers: ["digits"], balancing: { stop } }, "the only teacher never stops");
  assertEquals(defineRecipe({ ...minimal, balancing: { stop } }).balancing.stop, {
    ...stop,
    patience: 3,
    minimumImprovement: 0.01,
  });
});

Deno.test("parts of a batch are equal, and none needs the whole batch", () => {
  const refused = (part: string, ...settings: string[]) =>
    assertThrows(() => applyOverrides(defineRecipe(minimal), settings), UserError, part);
  const accumulate = "optimization.accumulate=4";
  applyOverrides(defineRecipe(minimal), [accumulate, "optimization.batchSize=8"]);
  applyOverrides(defineRecipe(minimal), ["balancing.kind=ada_loss", "optimization.accumulate=1"]);
  refused("4 parts do not divide a batch of 6", accumulate, "optimization.batchSize=6");
  refused('the weights of "ada_loss"', accumulate, "balancing.kind=ada_loss");
  refused('or "balancing.normalization": "image"', accumulate, "balancing.level=patch");
  const image = "balancing.normalization=image";
  applyOverrides(defineRecipe(minimal), [accumulate, "balancing.level=patch", image]);
});
