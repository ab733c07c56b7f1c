/** A small student compressed as a person does it: written, stopped, gone on with, and refused. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defineRecipe } from "../../../../mod.ts";
import { compress } from "../../../../lib/cli/commands/use/compress.ts";
import { runCommand } from "../../../../lib/cli/run_command.ts";
import { frontsOf, readCurve } from "../../../../lib/compression/curve.ts";
import { startEngine } from "../../../../lib/engine/backend.ts";
import { checkOnnx } from "../../../../lib/export/onnx/export_onnx.ts";
import { openStudentFile } from "../../../../lib/teachers/student_file.ts";
import { distill } from "../../../../lib/training/distill.ts";

async function run(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(compress, args, { output });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const recipe = defineRecipe({
  name: "small",
  images: {
    sources: [{ path: "data/images/digits.zip", split: "train", limit: 64 }],
    size: 32,
    augmentation: false,
  },
  teachers: ["specialist_digits"],
  student: { width: 48, depth: 2, heads: 3, patchSize: 8 },
  optimization: { batchSize: 16, steps: 12, learningRate: 1e-3, warmupSteps: 0 },
  mode: "graph",
  evaluation: { tasks: ["digits"] },
});

/** A student whose features tell images apart from the start, as those of eight bits must. */
const trained = defineRecipe({
  ...recipe,
  student: {
    ...{ width: 128, depth: 6, heads: 4, patchSize: 8, stem: "convolution" },
    from: "specialist_digits",
  },
  optimization: { ...recipe.optimization, steps: 2, learningRate: 1e-5 },
});

/** Where the tests find their runs, which they leave as they are. */
let folder = "";

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "hashigo" });
  for (const [name, own] of Object.entries({ small: recipe, trained })) {
    const steps = distill(own, { folder: `${folder}/${name}`, features: `${folder}/features` });
    while (!(await steps.next()).done);
  }
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("every point is a file that computes what its network does, and goes on where it was", async () => {
  const path = `${folder}/trained`, out = `${folder}/trained_compressed`;
  const args = [path, "--prune", "0.5", "--out", out, "--limit", "60", "--count", "48"];
  const { status, out: said, err } = await run(...args, "--bits", "32,8");
  assertEquals(status, 0, err);
  const curve = await readCurve(out);
  assertEquals(curve?.points.map(({ name, bits }) => `${name} ${bits}`), [
    ...["full 32", "full 8", "pruned_0.5 32", "pruned_0.5 8"],
  ]);
  const [full, , half, eight] = curve!.points;
  assert(half!.gflop < 0.62 * full!.gflop && half!.parameters < 0.75 * full!.parameters);
  assert(eight!.bytes < 0.5 * half!.bytes && eight!.milliseconds > 0);
  assert(frontsOf(curve!.points).some(({ bytes }) => bytes));
  await startEngine();
  for (const point of curve!.points) {
    const source = point.share === 0 ? path : `${out}/${point.name}.safetensors`;
    const found = await checkOnnx(source, `${out}/${point.path}`, ["data/images/digits.zip"]);
    assert(found.difference <= (point.bits === 8 ? 0.08 : 1e-4));
  }
  assertStringIncludes(said, "Pareto front");
  const page = await Deno.readTextFile(`${out}/curve.html`);
  assertStringIncludes(page, "Accuracy against time");
  assertStringIncludes(page, "pruned_0.5");
  assertStringIncludes(await Deno.readTextFile(`${out}/MODEL_CARD.md`), "**Licence: ");
  // Halves of the same, of which all but the exports are there.
  const before = await Deno.readFile(`${out}/pruned_0.5.safetensors`);
  const again = await run(...args, "--bits", "16");
  assertEquals(again.status, 0, again.err);
  assert(!again.err.includes("ordering channels"));
  assertEquals(await Deno.readFile(`${out}/pruned_0.5.safetensors`), before);
  const own = await openStudentFile(`${out}/pruned_0.5.safetensors`, "pruned");
  assertEquals((own.encoder as { headCounts?: readonly number[] }).headCounts, Array(6).fill(2));
  own.dispose();
});

Deno.test("a pruned student is distilled again as a run of its own, by minutes that are enough for a pass", async () => {
  const path = `${folder}/small`, out = `${folder}/small_compressed`;
  const args = ["--prune", "0.5", "--bits", "32", "--out", out, "--limit", "40", "--count", "32"];
  const tooFew = await run(path, ...args, "--recover", "0.0001");
  assertEquals(tooFew.status, 0, tooFew.err);
  const without = await readCurve(out);
  assertEquals(without?.points.map(({ name }) => name), ["full", "pruned_0.5"]);
  assertEquals(without?.refused?.length, 1);
  for (const text of [tooFew.out, tooFew.err]) {
    assertStringIncludes(text, "left out recovered_0.5: Cannot run recipe");
  }
  const { status, err } = await run(path, ...args, "--recover", "0.2");
  assertEquals(status, 0, err);
  const curve = await readCurve(out);
  assertEquals(curve?.points.map(({ name }) => name), ["full", "pruned_0.5", "recovered_0.5"], err);
  assertEquals([curve?.recover, curve?.refused], [0.2, undefined]);
  const [pruned, recovered] = await Promise.all(
    [`${out}/pruned_0.5.safetensors`, `${out}/recovered_0.5`]
      .map((source) => openStudentFile(source, "student")),
  );
  assertEquals(recovered!.encoder, pruned!.encoder);
  assert(recovered!.digest !== pruned!.digest);
  pruned!.dispose();
  recovered!.dispose();
  const log = await Deno.readTextFile(`${out}/recovered_0.5/log.jsonl`);
  assert(log.split("\n").length > 2);
  // Asked again, it is there.
  const again = await run(path, ...args, "--recover", "0.2");
  assertEquals(again.status, 0, again.err);
  assertEquals(await Deno.readTextFile(`${out}/recovered_0.5/log.jsonl`), log);
});

Deno.test("what cannot be compressed is refused before anything is written", async () => {
  const path = `${folder}/small`, out = `${folder}/refused`;
  const cases: [args: string[], words: string][] = [
    [[], "no --out"],
    [["--out", out, "--prune", "1"], "--prune 1, expected shares above 0 and below 1"],
    [["--out", out, "--prune", "0"], "--prune 0, expected shares"],
    [["--out", out, "--prune", "half"], "--prune half, expected shares"],
    [["--out", out, "--prune", "0.95"], "block 0: of 3 heads none would be left"],
    [["--out", out, "--prune", "0.5,0.50"], "--prune 0.5 twice"],
    [["--out", out, "--bits", "4"], "--bits 4, expected 32, 16 or 8"],
    [["--out", out, "--recover", "0"], "--recover 0, expected minutes above 0"],
    [["--out", out, "--limit", "1.5"], "--limit 1.5, expected a whole number"],
    [["--out", out, "--evaluate", "absent"], "absent"],
    [["--out", out, "--images", `${folder}/absent`], "absent"],
    [["--out", `${path}/inside`], "inside"],
  ];
  for (const [args, words] of cases) {
    const { status, err } = await run(path, ...args);
    assertEquals(status, 2, `${args}: ${err}`);
    assertStringIncludes(err, words);
  }
  for (const source of [`${folder}/nothing`, `${path}/student.safetensors`]) {
    const { status, err } = await run(source, "--out", out);
    assertEquals(status, 2);
    assertStringIncludes(err, "found no run there, expected the folder of a finished run");
  }
  const [kept, away] = [`${path}/student.safetensors`, `${folder}/student.safetensors`];
  await Deno.rename(kept, away);
  const unfinished = await run(path, "--out", out).finally(() => Deno.rename(away, kept));
  assertStringIncludes(unfinished.err, "found no student.safetensors there");
  assert(await Deno.stat(out).then(() => false, () => true));
});
