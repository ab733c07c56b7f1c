import { assertEquals, assertRejects } from "@std/assert";
import { runWithinMinutes } from "../../../lib/cli/commands/propose_run.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { BudgetTooShort } from "../../../lib/training/budget/too_short.ts";

const recipe = defineRecipe({
  name: "photos",
  images: { sources: [{ path: "photos" }], size: 32 },
  teachers: ["specialist_digits"],
  student: { width: 24, depth: 2, heads: 3, patchSize: 8 },
  optimization: { batchSize: 32 },
  budget: { minutes: 1 },
});

/** A machine that computes so many images in the minutes, and later so many. */
function machine(...fitting: number[]) {
  const seen: (number | undefined)[] = [];
  const run = ({ images: { subset } }: typeof recipe) => {
    seen.push(subset?.images);
    const images = fitting[seen.length - 1]!;
    const isEnough = (subset?.images ?? 1000) <= images;
    return isEnough ? Promise.resolve(images) : Promise.reject(new BudgetTooShort("", { images }));
  };
  return { run, seen };
}

Deno.test("a run that fits sees all images", async () => {
  const { run, seen } = machine(1000);
  assertEquals(await runWithinMinutes(recipe, run, () => {}), 1000);
  assertEquals(seen, [undefined]);
});

Deno.test("where a pass does not fit, whole batches of nine tenths of what fits are seen, and that is said", async () => {
  const { run, seen } = machine(900, 700, 700);
  const notes: string[] = [];
  await runWithinMinutes(recipe, run, (line) => notes.push(line));
  assertEquals(seen, [undefined, 800, 608]);
  assertEquals(notes.map((line) => line.match(/\d+ of them are seen/)?.[0]), [
    "800 of them are seen",
    "608 of them are seen",
  ]);
});

Deno.test("fewer than two batches are refused as before, and so are other errors", async () => {
  const { run } = machine(70);
  await assertRejects(() => runWithinMinutes(recipe, run, () => {}), BudgetTooShort);
  const broken = () => Promise.reject(new TypeError("broken"));
  await assertRejects(() => runWithinMinutes(recipe, broken, () => {}), TypeError, "broken");
});
