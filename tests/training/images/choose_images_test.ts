/** The images that a run sees: held-out ones never, own ones several times, a random or balanced subset. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { ImagePack } from "../../../lib/images/packs/pack_file.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { distill } from "../../../lib/training/distill.ts";
import { balancedChoice } from "../../../lib/training/images/balanced_choice.ts";
import { chooseImages } from "../../../lib/training/images/choose_images.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runToEnd, withOwnCache } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

await startEngine();

/** Grey images of 8 px, each of the grey of its number. */
function greys(values: readonly number[]): ImagePack & { closed: boolean } {
  return {
    count: values.length,
    canvas: 8,
    classes: [""],
    labels: new Int32Array(values.length),
    names: values.map((_, i) => `${i}`),
    digest: values.join(),
    read: (places) =>
      Uint8Array.from(
        Array.from(places, (place) => Array<number>(8 * 8 * 3).fill(values[place]!)).flat(),
      ),
    closed: false,
    close() {
      this.closed = true;
    },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

function recipeWith(input: {
  readonly images?: Partial<RecipeInput["images"]>;
  readonly balancing?: RecipeInput["balancing"];
}) {
  return defineRecipe({
    name: "chosen",
    images: { sources: [{ path: "general" }, { path: "own" }], size: 8, ...input.images },
    teachers: ["made_up", "other"],
    student: { width: 8, depth: 1, heads: 2, patchSize: 4 },
    ...input.balancing && { balancing: input.balancing },
    optimization: { batchSize: 4, steps: 10 },
  });
}

const options = { teacher: madeUpTeacher(), random: randomStream(0) };
const namesOf = ({ names }: Pick<ImagePack, "names">) => names.map(Number);

Deno.test("without options the images are those of the sources, as they are", async () => {
  const all = greys(numbers(9));
  const { images, heldOut } = await chooseImages({ all, counts: [6, 3] }, recipeWith({}), options);
  assert(images === all);
  assertEquals(heldOut, undefined);
});

Deno.test("a source counts as often as it says, and closing the choice closes the images", async () => {
  const all = greys(numbers(5));
  const sources = [{ path: "general" }, { path: "own", repeat: 3 }];
  const recipe = recipeWith({ images: { sources } });
  const { images } = await chooseImages({ all, counts: [3, 2] }, recipe, options);
  assertEquals(namesOf(images), [0, 1, 2, 3, 4, 3, 4, 3, 4]);
  assertEquals(images.read([8])[0], 4);
  images.close();
  assert(all.closed);
});

Deno.test("held-out images are in no pass, however often their source is repeated", async () => {
  const sources = [{ path: "general" }, { path: "own", repeat: 2 }];
  const stop = { heldOut: 7, every: 5 };
  const recipe = recipeWith({ images: { sources }, balancing: { stop } });
  const chosen = { all: greys(numbers(20)), counts: [10, 10] };
  const { images, heldOut } = await chooseImages(chosen, recipe, options);
  assert(heldOut !== undefined);
  assertEquals(new Set(namesOf(heldOut)).size, 7);
  assertEquals(namesOf(images).filter((image) => namesOf(heldOut).includes(image)), []);
  assertEquals(new Set([...namesOf(images), ...namesOf(heldOut)]).size, 20);
  await assertRejects(
    () => chooseImages({ all: greys(numbers(10)), counts: [5, 5] }, recipe, options),
    UserError,
    "with 7 images held out: of 10 images a batch of 4 must be left. Give balancing.stop.heldOut=6",
  );
});

Deno.test("a random subset is one of the seed, sorted, and no larger than the images", async () => {
  const subset = { images: 8 };
  const choose = async (seed: number, count = 40) => {
    const { images } = await chooseImages(
      { all: greys(numbers(count)), counts: [count] },
      recipeWith({ images: { sources: [{ path: "general" }], subset } }),
      { ...options, random: randomStream(seed) },
    );
    return namesOf(images);
  };
  const chosen = await choose(0);
  assertEquals(chosen, await choose(0));
  assertEquals(chosen, chosen.toSorted((a, b) => a - b));
  assertEquals(new Set(chosen).size, 8);
  assert(`${await choose(1)}` !== `${chosen}`);
  await assertRejects(
    () => choose(0, 7),
    UserError,
    "on a subset of 8 images: its sources have 7.",
  );
});

Deno.test("balanced over clusters, a rare kind of image has as many as a common one", () =>
  withOwnCache(async (folder) => {
    // Of 40 images four are white, and every fourth is mid-grey.
    const values = numbers(40).map((i) => i >= 36 ? 250 : i % 4 === 0 ? 120 : 3 + i % 3);
    const subset = { images: 12, choice: "balanced", clusters: 3 } as const;
    const recipe = recipeWith({ images: { sources: [{ path: "general" }], subset } });
    // Colours at unit length are all alike: a teacher whose features tell light from dark by direction.
    const teacher = madeUpTeacher((x) => x.sub([0.1, 0.5, 0.9]));
    const choose = (seed: number) =>
      chooseImages({ all: greys(values), counts: [40] }, recipe, {
        teacher,
        random: randomStream(seed),
      });
    const { images } = await choose(0);
    const kinds = namesOf(images).map((i) => values[i]! < 10 ? 0 : values[i]! < 200 ? 1 : 2);
    assertEquals([0, 1, 2].map((kind) => kinds.filter((k) => k === kind).length), [4, 4, 4]);
    const kept = [...Deno.readDirSync(`${folder}/cache/hashigo/subsets`)];
    assertEquals(kept.length, 1, "clusters are kept");
    assertEquals(namesOf((await choose(0)).images), namesOf(images));
  }));

Deno.test("clusters take turns, and give what they have", () => {
  const clusters = [0, 0, 0, 0, 0, 0, 1, 1, 2];
  const count = (chosen: readonly number[]) =>
    [0, 1, 2].map((cluster) => chosen.filter((i) => clusters[i] === cluster).length);
  assertEquals(count(balancedChoice(clusters, 3, randomStream(0))), [1, 1, 1]);
  assertEquals(count(balancedChoice(clusters, 5, randomStream(0))), [2, 2, 1]);
  assertEquals(count(balancedChoice(clusters, 8, randomStream(0))), [5, 2, 1]);
  assertEquals(balancedChoice(clusters, 9, randomStream(0)), numbers(9));
});

Deno.test("a run says which images it sees, and ends the same when resumed", () =>
  inTemporaryFolder(async (folder) => {
    await writeImages(folder, { count: 20 });
    const { images, ...recipe } = recipeOver(folder);
    const own = { path: `${folder}/images`, limit: 6, repeat: 2 };
    const sources = [...images.sources, own];
    const chosen = defineRecipe({
      ...recipe,
      images: { ...images, sources, subset: { images: 16 } },
    });
    const notes: string[] = [];
    const options = { teachers: [madeUpTeacher()], onNote: (line: string) => notes.push(line) };
    const whole = await runToEnd(chosen, { ...options, folder: `${folder}/whole` });
    assert(
      notes.includes(
        `images in a pass: 16, a random subset, from 20 of ${folder}/images, ` +
          `6 of ${folder}/images, each 2 times`,
      ),
      notes.join("\n"),
    );
    assertEquals(whole.reports[3]?.epoch, 1);
    const left = `${folder}/left`;
    for await (const { step } of distill(chosen, { ...options, folder: left })) {
      if (step === 5) break;
    }
    const resumed = await runToEnd(chosen, { ...options, folder: left, resume: true });
    assertEquals(resumed.digest, whole.digest);
  }));
