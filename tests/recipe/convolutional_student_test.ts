/** Convolutional students in recipes: what their options become, and what is refused. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { defineRecipe, parseRecipe } from "../../lib/recipe/recipe.ts";
import { describeStudent } from "../../lib/recipe/describe_student.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import {
  encoderConfigOf,
  studentConfigOf,
  studentInputOf,
} from "../../lib/recipe/student_config.ts";
import type { LadderConfig } from "../../lib/method/projectors/ladder.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

const teachers = [
  { name: "digits", width: 1280, tokens: ["cls", "patch"], grid: [3, 3] },
  { name: "satellite", width: 8, tokens: ["cls"], grid: [1, 1] },
] as const;
const student = { kind: "mobilenet_v2", from: "digits", inputSize: 96, freeze: 7 } as const;

function ladderOf(input: Partial<RecipeInput>): LadderConfig {
  return studentConfigOf(defineRecipe({ ...minimal, ...input }), teachers).ladder as LadderConfig;
}

Deno.test("a convolutional student by its options", () => {
  const recipe = defineRecipe({ ...minimal, student });
  assertEquals(recipe.student, { ...student, batchNorm: "folded" as const });
  assertEquals(encoderConfigOf(recipe), { kind: "mobilenet_v2", imageSize: 96 });
  const scaled = applyOverrides(recipe, [
    "student.batchNorm=scaled",
    "student.widthMultiplier=0.5",
  ]);
  assertEquals(encoderConfigOf(scaled), {
    ...{ kind: "mobilenet_v2", imageSize: 96, scaled: true },
    widthMultiplier: 0.5,
  });
  assertEquals(studentInputOf(recipe), { size: 96, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
  const own = applyOverrides(recipe, ["student.mean=[0,0,0]", "student.std=[1,1,1]"]);
  assertEquals(studentInputOf(own), { size: 96, mean: [0, 0, 0], std: [1, 1, 1] });
  assertEquals(
    describeStudent(recipe),
    "mobilenet_v2 of 19 stages on 96 px, from digits, 7 stages frozen",
  );
  const { size } = studentInputOf(defineRecipe({ ...minimal, student: { kind: "mobilenet_v2" } }));
  assertEquals(size, minimal.images.size);
});

Deno.test("the ladder of a convolutional student: rungs, widths of heads, source", () => {
  const usual = ladderOf({ student });
  // The last frozen stage and all that are trained.
  assertEquals(usual.blocks, Array.from({ length: 13 }, (_, i) => i + 6));
  assertEquals([usual.hidden, usual.lastHidden, usual.standardized], [512, 512, true]);
  assertEquals([usual.width, usual.depth, usual.grid, usual.source], [1280, 19, [3, 3], "digits"]);
  assertEquals(usual.stages?.[6], { width: 32, grid: [12, 12] });
  const own = ladderOf({
    student,
    ladder: { blocks: [6, 18], patchStage: 13, hidden: 8, inputs: "raw" },
  });
  assertEquals([own.blocks, own.grid, own.hidden], [[6, 18], [6, 6], 8]);
  assert(!("standardized" in own));
  assert(!("source" in ladderOf({ student: { kind: "mobilenet_v2" } })), "from scratch");
  assert(!("source" in ladderOf({ student: { ...student, from: "other" } })), "no teacher");
  assert(!("blocks" in ladderOf({ student: { ...student, freeze: 1 } })), "all stages are known");
});

Deno.test("students that cannot be are refused, with the reason", () => {
  const refused = (input: object, ...parts: string[]) => {
    const error = assertThrows(() => parseRecipe({ ...minimal, ...input }), UserError);
    for (const part of parts) assertStringIncludes(error.message, part);
  };
  refused(
    { student: { kind: "mobilenet" } },
    '"student.kind": expected "transformer" or "mobilenet_v2"',
  );
  refused(
    { student: { ...student, widht: 1 } },
    'unknown option "student.widht"; known here: kind',
  );
  refused({ student: { ...student, outputStrid: 16 } }, 'did you mean "outputStride"?');
  refused(
    { student: { ...minimal.student, outputStride: 16 } },
    'unknown option "student.outputStride"',
  );
  refused(
    { student: { kind: "resnet", layers: 101 } },
    '"student.layers": expected 18 or 34 or 50',
  );
  refused(
    { student: { ...student, freeze: 19 } },
    "19 of 19 stages leaves none to learn; expected 0 to 18",
  );
  refused({ student: { ...minimal.student, freeze: 6 } }, "6 of 6 stages leaves none to learn");
  refused(
    { student: { ...student, inputSize: 31 } },
    '"student.inputSize": 31 px is less than one place',
    "32 px",
  );
  refused(
    { images: { ...minimal.images, size: 16 }, student: { kind: "mobilenet_v2" } },
    '"images.size": 16 px',
  );
  refused(
    { student, ladder: { blocks: [5, 18] } },
    "stage 5 lies inside the 7 frozen ones",
    "from 6 to 18",
  );
  refused(
    { student, ladder: { blocks: [6, 19] } },
    "found 19; expected different blocks from 0 to 18",
  );
  refused({ student, ladder: { blocks: [6, 17] } }, "come from its last block, 18");
  refused(
    { student, ladder: { patchStage: 5 } },
    '"ladder.patchStage": found 5; expected a stage from 6 to 18',
  );
  refused({ student, ladder: { patchStage: 19 } }, '"ladder.patchStage": found 19');
  refused({ student, ladder: { kind: "transformer" } }, 'found the student "mobilenet_v2"');
});

Deno.test("a setting finds the options of a student of any kind", () => {
  const recipe = applyOverrides({ ...minimal, student }, [
    "student.freeze=4",
    "student.outputStride=16",
  ]);
  assertEquals([recipe.student.freeze, encoderConfigOf(recipe)], [4, {
    ...{ kind: "mobilenet_v2", imageSize: 96 },
    outputStride: 16,
  }]);
  assertThrows(
    () => applyOverrides({ ...minimal, student }, ["student.freez=4"]),
    UserError,
    '"student.freeze"',
  );
});

Deno.test("a ladder's inputs are standardised by two images at least", () => {
  const optimization = { batchSize: 1, steps: 1, learningRate: 1e-3 };
  const input = { ...minimal, student, optimization, standardizer: { kind: "fixed" as const } };
  const inputs = (kind: "raw" | "standardized") => () =>
    parseRecipe({ ...input, ladder: { blocks: [6, 18], inputs: kind } });
  assertThrows(inputs("standardized"), UserError, '"ladder.inputs": the only step sees one image');
  const raw = assertThrows(inputs("raw"), UserError);
  assert(!raw.message.includes("ladder.inputs"));
});
