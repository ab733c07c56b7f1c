/** The documented options of a recipe are those of its schema: names, types and defaults. */
import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { defaultQuarantine } from "../../lib/images/packs/quarantine.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { recipeSchema } from "../../lib/recipe/schema.ts";
import { planTraining } from "../../lib/recipe/training_plan.ts";

type SchemaInput = DeepReadonly<z.input<typeof recipeSchema>>;
type SchemaOutput = DeepReadonly<z.output<typeof recipeSchema>>;

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** Dotted names of all options, such as "student.width". */
type OptionName<T> = T extends readonly (infer Item)[] ? OptionName<Item>
  : T extends object
    ? { [K in keyof T & string]-?: K | `${K}.${OptionName<T[K]>}` }[keyof T & string]
  : never;

/** Options of only one of two types; never where they have the same. */
type Difference<A, B> =
  | Exclude<OptionName<A>, OptionName<B>>
  | Exclude<OptionName<B>, OptionName<A>>;

/** Compiles only for `true`, which each drift between types is not. */
function assertType<_ extends true>(): void {}

type Same<A, B> = [Difference<A, B>] extends [never]
  ? [A] extends [B] ? [B] extends [A] ? true : { readonly wider: B } : { readonly narrower: B }
  : { readonly onlyInOne: Difference<A, B> };

Deno.test("the types of a recipe have exactly the options of its schema", () => {
  assertType<Same<SchemaInput, RecipeInput>>();
  assertType<Same<SchemaOutput, Recipe>>();
});

Deno.test("a type that lacks an option of the schema, or has one more, does not compile", () => {
  type Images = RecipeInput["images"];
  type Lacking = Omit<RecipeInput, "images"> & { readonly images: Omit<Images, "quarantine"> };
  // @ts-expect-error "images.quarantine" is missing
  assertType<Same<SchemaInput, Lacking>>();
  // @ts-expect-error "seed" is missing
  assertType<Same<SchemaOutput, Omit<Recipe, "seed">>>();
  // @ts-expect-error "speed" is unknown
  assertType<Same<SchemaOutput, Recipe & { readonly speed?: number }>>();
  // @ts-expect-error the seed is a number
  assertType<Same<SchemaOutput, Omit<Recipe, "seed"> & { readonly seed: string }>>();
});

const minimal: RecipeInput = {
  name: "digits",
  images: { sources: [{ path: "digits.zip" }], size: 32, quarantine: 0.2 },
  teachers: ["digits"],
  student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
  balancing: { probability: { start: 0, end: 0.5 } },
  optimization: { batchSize: 512, steps: 1000 },
};

Deno.test("what the schema accepts compiles: a quarantine, a schedule without a curve", () => {
  const recipe = defineRecipe(minimal);
  assertEquals(recipe.images.quarantine, 0.2);
  assertEquals(recipe.balancing.probability, { start: 0, end: 0.5, curve: "linear" });
});

/** Interfaces whose doc comments name defaults, by the section that they describe. */
const sections: { readonly [name: string]: string } = {
  Recipe: "",
  RecipeStudentStart: "student",
  RecipeTransformer: "student",
  RecipeConvolutionalStart: "student",
  RecipeLadder: "ladder",
  RecipeBalancing: "balancing",
  RecipeStandardizer: "standardizer",
  RecipeOptimization: "optimization",
  RecipeBudget: "budget",
  RecipeFeatureCache: "featureCache",
  RecipeCheckpoint: "checkpoint",
  GuardSettings: "guard",
  RecipeEvaluation: "evaluation",
  RecipeImages: "images",
};

/** "Default 4." is one of the schema; "Default: the student's width." is made elsewhere. */
async function documentedDefaults(): Promise<{ [option: string]: unknown }> {
  const defaults: { [option: string]: unknown } = {};
  for (const file of ["options.ts", "image_options.ts", "student_options.ts"]) {
    const text = await Deno.readTextFile(new URL(`../../lib/recipe/${file}`, import.meta.url));
    for (const [, name = "", body = ""] of text.matchAll(/interface (\w+)[^{]*\{\n(.*?)\n\}/gs)) {
      const section = sections[name];
      if (section === undefined) continue;
      for (const [, doc = "", key = ""] of body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)/gs)) {
        const [, value] = /Default (".*?"|\[.*?\]|[\w-]+(?:\.\d+)?)/.exec(doc) ?? [];
        if (value !== undefined) defaults[[section, key].join(".")] = JSON.parse(value);
      }
    }
  }
  return defaults;
}

function schemaDefaults(): { [option: string]: unknown } {
  const defaults: { [option: string]: unknown } = {};
  const visit = (section: string) => {
    const root = z.toJSONSchema(recipeSchema, { io: "input" });
    const node = section === "" ? root : root.properties?.[section];
    assert(typeof node === "object", section);
    for (const branch of [node, ...node.anyOf ?? [], ...node.oneOf ?? []]) {
      for (const [key, option] of Object.entries(branch.properties ?? {})) {
        if (typeof option !== "object" || option.default === undefined) continue;
        if (JSON.stringify(option.default) === "{}") continue;
        defaults[[section, key].join(".")] = option.default;
      }
    }
  };
  for (const section of Object.values(sections)) visit(section);
  return defaults;
}

Deno.test("the defaults that doc comments name are those of the schema", async () => {
  const inherited = ["kind", "normalization", "level", "momentum"].map((key) => `balancing.${key}`);
  const expected = Object.entries(schemaDefaults()).filter(([key]) => !inherited.includes(key));
  assertEquals(await documentedDefaults(), Object.fromEntries(expected));
});

Deno.test("the defaults outside the schema that doc comments name are those of the code", () => {
  assertEquals(defaultQuarantine, 0.01);
  assertEquals(planTraining(defineRecipe(minimal), 1024).peakLearningRate, 2 * 3e-4);
});
