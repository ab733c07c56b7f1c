import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { provenanceDifferences, refuseDifferences } from "../../lib/runs/provenance.ts";

const recipe = defineRecipe({
  name: "digits",
  images: { sources: [{ path: "digits.zip" }], size: 32 },
  teachers: ["specialist_digits"],
  student: { width: 96, depth: 2, heads: 3, patchSize: 8 },
  optimization: { batchSize: 8, steps: 10 },
});

Deno.test("another teacher, set of images or version is refused by name, and accepted by name", () => {
  const provenance = {
    images: "1",
    teachers: { digits: "a" },
    versions: { hashigo: "1", tensorflow: "2" },
  };
  const now = { ...provenance, teachers: { digits: "b" }, versions: { hashigo: "1", wasm: "4" } };
  assertEquals(provenanceDifferences({ recipe, origin: provenance }, { recipe, provenance }), []);
  const differences = provenanceDifferences({ recipe, origin: provenance }, {
    recipe,
    provenance: now,
  });
  assertEquals(differences, [
    "teachers.digits: a -> b",
    "versions.tensorflow: 2 -> none",
    "versions.wasm: not recorded -> 4",
  ]);
  const refuse = (...allow: string[]) => refuseDifferences("runs/a", differences, allow);
  let message = "";
  try {
    refuse("versions");
  } catch (error) {
    message = String(error);
  }
  assertStringIncludes(message, "--allow teachers.digits");
  assert(!message.includes("wasm"), "what is allowed is not listed");
  refuse("versions", "teachers.digits");
});
