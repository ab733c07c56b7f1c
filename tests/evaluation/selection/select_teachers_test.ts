/** The choice of teachers from features of which it is known what each adds. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { mostDiverse } from "../../../lib/evaluation/selection/baselines.ts";
import { distinctRows } from "../../../lib/evaluation/selection/distinct_rows.ts";
import { checkMaterial, selectionMaterial } from "../../../lib/evaluation/selection/material.ts";
import { selectFrom } from "../../../lib/evaluation/selection/select_teachers.ts";
import { readSelection, writeSelection } from "../../../lib/evaluation/selection/selection.ts";
import { predictSets } from "../../../lib/evaluation/selection/set_predictions.ts";
import { joinedFeatures } from "../../../lib/evaluation/selection/subset_scores.ts";
import { madeUpMaterial } from "./made_up_selection_fixture.ts";

await startEngine();

const canvas = 32;
const material = madeUpMaterial();
const selection = await selectFrom(material, { canvas });
const nameOf = (place: number) => selection.teachers[place]!.name;

Deno.test("two that know different things are taken, their copy and noise are not", () => {
  const { chosen, steps, stop, losses, teachers } = selection;
  const [one = "", other] = chosen.members.map(nameOf);
  assert(chosen.members.length === 2 && [one, other].includes("half"), `${one}, ${other}`);
  assert(["parity", "copy"].includes(one === "half" ? other! : one));
  assertEquals([stop, steps.length], ["gain", 4]);
  // Each alone knows half of the classes, both together know nearly all.
  assert(teachers.slice(0, 3).every(({ alone }) => alone > 35 && alone < 65));
  assert(teachers[3]!.alone < 35 && chosen.accuracy > 90);
  for (const loss of losses) assert(loss.low > 30 && loss.share > 35, JSON.stringify(loss));
  assertEquals(chosen.cost, chosen.members.reduce((sum, place) => sum + [2, 3, 1, 9][place]!, 0));
});

Deno.test("a copy has nothing of its own, noise and what others lack has all of it", () => {
  const { complements, ownPart } = selection,
    place = (name: string) => selection.teachers.findIndex((teacher) => teacher.name === name);
  const beside = (known: string, other: string) => complements[place(known)]![place(other)]!;
  assert(beside("parity", "copy") < 0.05 && beside("copy", "parity") < 0.05);
  assert(beside("parity", "half") > 0.8 && beside("parity", "noise") > 0.9);
  assert(ownPart[place("copy")]! < 0.05 && ownPart[place("noise")]! > 0.9, `${ownPart}`);
  assertEquals(complements.map((row, i) => row[i]), [0, 0, 0, 0]);
});

Deno.test("without labels the copy comes last, and noise counts as much as anything", async () => {
  const found = await selectFrom({ ...material, tasks: [] }, { canvas });
  assertEquals([found.by, found.probe, found.images.heldOut], ["images", null, 53]);
  const order = found.steps.map(({ added }) => nameOf(added));
  assert(["parity", "copy"].includes(order[3]!), `${order}`);
  assertAlmostEquals(found.steps[3]!.accuracy, 100, 1e-9);
  for (const { accuracy, representativeness } of found.steps) {
    assertAlmostEquals(accuracy, representativeness, 1e-6);
  }
  assert(!found.rules.some(({ rule }) => rule.includes("LogME")));
});

Deno.test("rules choose by size, by themselves, by evidence and by difference", () => {
  const rule = (name: string) => selection.rules.find((one) => one.rule === name)!;
  assertEquals(rule("the largest one").members?.map(nameOf), ["noise"]);
  assertEquals(rule("the largest").members?.map(nameOf), ["noise", "half"]);
  assertEquals(rule("the largest").cost, 12);
  const alone = selection.teachers.map((teacher) => teacher.alone);
  assertAlmostEquals(rule("the best single one").accuracy, Math.max(...alone));
  assert(!rule("the highest LogME").members!.map(nameOf).includes("noise"));
  assertEquals(rule("at random, in the mean").members, null);
  assertEquals(mostDiverse([[0, 1, 5], [1, 0, 9], [5, 9, 0]], 2), [1, 2]);
  assertEquals(mostDiverse([[0, 1, 5], [1, 0, 9], [5, 9, 0]], 1), [1]);
  assertEquals(mostDiverse([[0, 1, 5], [1, 0, 9], [5, 9, 0]], 3), [1, 2, 0]);
});

Deno.test("the price of size and a budget change the choice, and the same seed gives the same", async () => {
  const cheap = await selectFrom(material, { canvas, costWeight: 100 });
  assertEquals(cheap.chosen.members.map(nameOf), ["copy"]);
  const bound = await selectFrom(material, { canvas, unit: "ms", budget: 4 });
  assert(bound.chosen.cost <= 4 && bound.steps.every(({ cost }) => cost <= 4));
  assertEquals(bound.unit, "ms");
  assertEquals(await selectFrom(material, { canvas }), selection);
  await assertRejects(() => selectFrom(material, { canvas, budget: 0.5 }), UserError, "larger");
});

Deno.test("sets are judged as the choice judges them; rules say what they say of any set", async () => {
  const sets = [[0], [3], [0, 1], [0, 2]];
  const predictions = await predictSets(material, sets);
  const of = (name: string) => predictions.find((one) => one.name === name)!.values;
  assertAlmostEquals(of("probe of joined features")[0]!, selection.teachers[0]!.alone, 1e-9);
  assertEquals([...of("size of the largest")], [2, 9, 3, 2]);
  assertEquals([...of("sizes together")], [2, 9, 5, 3]);
  assertEquals([...of("number of teachers")], [1, 1, 2, 2]);
  assertEquals([...of("at random")], [0, 0, 0, 0]);
  const [, , different, alike] = of("least alike by CKA");
  assert(different! > 0.5 && Math.abs(alike!) < 0.05);
  const [parity, noise, both] = of("LogME of joined features");
  assert(both! > parity! && parity! > noise!);
  const [one, , two, copies] = of("predicts all teachers, without labels");
  assert(two! > copies! && copies! - one! < 5, `${[one, two, copies]}`);
});

Deno.test("features are joined as a student's targets are: standardised, each model at unit length", () => {
  const [task] = material.tasks as [typeof material.tasks[number]];
  const moved = task.features.map(({ features, width }) => ({
    features: features.map((value) => 4 * value + 100),
    width,
  }));
  const joined = joinedFeatures(task, [0, 1]).features;
  const again = joinedFeatures({ ...task, features: moved }, [0, 1]).features;
  for (const row of [0, 7]) {
    for (const half of [0, 6]) {
      const part = joined.slice(row * 12 + half, row * 12 + half + 6);
      assertAlmostEquals(part.reduce((sum, value) => sum + value * value, 0), 1, 1e-5);
    }
  }
  // Whatever all images have in common is taken off.
  assertEquals(joined.map(Math.sign).join(), again.map(Math.sign).join());
});

Deno.test("an image that is in two tasks counts once, and a part is spread evenly", () => {
  const model = (...features: number[]) => ({ features: Float32Array.from(features), width: 1 });
  const tasks = [[model(1, 2, 3), model(10, 20, 30)], [model(3, 4, 1), model(31, 40, 11)]];
  const rows = distinctRows(tasks, 10).map(({ features }) => [...features]);
  assertEquals(rows, [[1, 2, 3, 4], [10, 20, 30, 40]]);
  assertEquals(distinctRows(tasks, 2).map(({ features }) => [...features]), [[1, 3], [10, 30]]);
});

Deno.test("features of real networks: each once, on train images only", async () => {
  const sources = ["specialist_digits", "resnet20_cifar10", "specialist_digits"];
  const found = await selectionMaterial(sources.map((source) => ({ source })), {
    ...{ tasks: ["digits"], weights: [2], canvas, limit: 40 },
    readout: { stages: ["last"], standardized: true },
    now: () => 0,
  });
  assertEquals(found.candidates.map(({ name }) => name), ["specialist_digits", "resnet20_cifar10"]);
  assertEquals(found.candidates.map(({ readout }) => readout), [
    "last, standardised",
    "last, standardised",
  ]);
  const [task] = found.tasks;
  assertEquals([task?.labels.length, task?.weight, task?.features[1]?.width], [40, 2, 64]);
  assertEquals(found.images.name, "train images of digits");
  assertEquals(found.images.features[0]?.features.length, 40 * 128);
});

Deno.test("what nothing can be chosen from is refused, before anything is opened", () => {
  const two = [{ source: "a" }, { source: "b" }];
  const refused = (models: typeof two, options: object, words: string) => {
    const error = (() => {
      try {
        checkMaterial(models, { canvas, ...options });
        return "";
      } catch (error) {
        return error instanceof UserError ? error.message : "another error";
      }
    })();
    assert(error.includes(words), error);
  };
  refused([{ source: "a" }, { source: "a" }], { tasks: ["digits"] }, 'only one, "a"');
  refused([], { tasks: ["digits"] }, "found none");
  refused(two, {}, "no images that all of them can see");
  refused(two, { tasks: ["digits"], weights: [1, 2] }, "weights 1, 2 for 1");
  refused(two, { tasks: ["digits"], weights: [0] }, "above 0");
  refused(two, { images: "photos", readout: "chosen" }, "images without labels");
});

Deno.test("the file holds the choice, and nothing else is taken for one", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(await readSelection(folder), undefined);
  await writeSelection(folder, selection);
  assertEquals(await readSelection(folder), JSON.parse(JSON.stringify(selection)));
  await Deno.writeTextFile(`${folder}/select.json`, '{"by":"luck"}');
  await assertRejects(() => readSelection(folder), UserError, "choice of teachers");
  await Deno.remove(folder, { recursive: true });
});
