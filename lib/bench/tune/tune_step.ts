/** The step that `deno task tune` times: a standard one, or that of a recipe. */
import { z } from "zod";
import type { TeacherShape } from "../../method/tokens.ts";
import { tokenTypes } from "../../method/tokens.ts";
import { isTransformer } from "../../nn/encoder.ts";
import type { Recipe } from "../../recipe/options.ts";
import { parseRecipe } from "../../recipe/recipe.ts";
import { studentConfigOf } from "../../recipe/student_config.ts";
import { stepConfig } from "../../training/trainer.ts";
import { type BenchStep } from "../step_benchmark.ts";
import { stepConfigOf, studentOf, type TransformerSetting } from "../step_setting.ts";

/** What a process that tries a step is told: no more than JSON holds. */
export type TunedStep =
  | { readonly setting: TransformerSetting }
  | { readonly recipe: Recipe; readonly teachers: readonly TeacherShape[] };

/** Products of a ViT-Ti/8 at 64 px, as many blocks as tell its speed, so that a dozen ways take a minute. */
export const standardStep: TransformerSetting = {
  ...{ batch: 32, imageSize: 64, patchSize: 8, width: 192, depth: 2, heads: 3 },
  ...{ hidden: 192, lastHidden: 768, teachers: 2, teacherWidth: 768 },
};

/** The step as it is timed. */
export function benchStepOf(step: TunedStep): BenchStep {
  if ("setting" in step) {
    const { setting } = step, student = studentOf(setting);
    return { batch: setting.batch, student, config: (layout) => stepConfigOf(student, layout) };
  }
  // How teachers are balanced and standardised takes no time beside the networks, and would need a state.
  const { balancing, standardizer, ...given } = step.recipe;
  const recipe = {
    ...given,
    balancing: { ...balancing, kind: "teacher_drop", level: "image" },
    standardizer: { ...standardizer, kind: "ema" },
  } as const;
  const { tokenMask: _mask, ...student } = studentConfigOf(recipe, step.teachers);
  const config: BenchStep["config"] = (layout) => stepConfig({ recipe, student }, layout);
  return { batch: recipe.optimization.batchSize, student, config };
}

/** Kind of the student of a step, by which its tuning is kept. */
export function studentKindOf(step: TunedStep): string {
  const { encoder } = benchStepOf(step).student;
  return isTransformer(encoder) ? "transformer" : encoder.kind;
}

/** The step in words. */
export function stepText(step: TunedStep): string {
  if ("recipe" in step) {
    const { recipe: { name, optimization: { batchSize } } } = step;
    return `the step of recipe ${name}, batch ${batchSize}`;
  }
  const { batch, imageSize, patchSize, width, depth, teachers } = step.setting;
  return `ViT of width ${width} and depth ${depth}, patches of ${patchSize} at ${imageSize} px, ` +
    `${teachers} teachers, batch ${batch}`;
}

const whole = z.int().positive();

const setting = z.strictObject({
  ...{ batch: whole, imageSize: whole, patchSize: whole, width: whole, depth: whole, heads: whole },
  ...{ hidden: whole, lastHidden: whole, teachers: whole, teacherWidth: whole },
});

const shape = z.strictObject({
  name: z.string(),
  width: whole,
  tokens: z.array(z.enum(tokenTypes)),
  grid: z.tuple([whole, whole]),
});

const ofRecipe = z.strictObject({
  recipe: z.unknown().transform((recipe): Recipe => parseRecipe(recipe)),
  teachers: z.array(shape),
});

/** Reads what {@linkcode TunedStep} writes as JSON. */
export function parseTunedStep(value: unknown): TunedStep {
  return z.union([z.strictObject({ setting }), ofRecipe]).parse(value);
}
