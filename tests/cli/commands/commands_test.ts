/** Commands as a person types them: help, mistakes, and one whole tiny run with machine-readable results. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { catalogue, runProgram } from "../../../lib/cli/main.ts";
import { png, writeFiles } from "../../images/images_fixture.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A command in a process of its own, with the permissions of its task. */
async function task(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** A command in this process, in which the engine starts once. */
async function here(...args: string[]) {
  const out: string[] = [], err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const code = await runProgram(args, output);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("every task answers --help with an example", async () => {
  const { tasks, permissions } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  for (const name of Object.keys(catalogue)) {
    const { code, out } = await here(name, "--help");
    assertEquals(code, 0, name);
    assertStringIncludes(out, `${name} `);
    assertMatch(out, /^Example: /m);
    const command =
      /^deno run -q --no-prompt -P=(\w+) (?:--v8-flags=\S+ )?lib\/cli\/main\.ts ([\w-]+)$/;
    const [, set = "", started] = command.exec(tasks[name]?.command ?? "") ?? [];
    assertEquals(started, name, "its task starts it");
    assert(set in permissions, `permission set ${set} of ${name}`);
  }
  // As typed, with the permissions of one set each; the tiny run below takes further ones.
  for (const name of ["teachers", "check"]) {
    const { code, out } = await task(name, "--help");
    assertEquals(code, 0, name);
    assertStringIncludes(out, "Example: deno task");
  }
});

Deno.test("mistakes leave with status 2 and say what was expected", async () => {
  const mistakes: [args: string[], found: string, expected: string][] = [
    [["distill"], "nothing", "RECIPE"],
    [["distill", "no_such_recipe.ts"], "no_such_recipe.ts", ""],
    [["distill", "recipes/tiny_test.ts", "--set", "optimization.setps=3"], "setps", "steps"],
    [["distill", "recipes/tiny_test.ts", "--sets", "a=b"], "--sets", "--set"],
    [["distill", "recipes/tiny_test.ts", "--grid-intensity", "-4"], "-4", "g CO2e"],
    [["distill", "recipes/tiny_test.ts", "--watts-per-core", "5000"], "5000", "watts of one"],
    [["evaluate", "nobody", "--data", "digits"], "nobody", "known"],
    [["evaluate", "pixels", "--data", "no/such/set"], "no/such/set", "digits"],
    [["evaluate", "pixels"], "--data", "digits"],
    [["report", "no/such/run"], "no/such/run", "run"],
    [["teachers", "--wide"], "--wide", "--json"],
    [["specialists", "cats"], "cats", "digits"],
    [["notebooks", "04_teacher_drop"], "04_teacher_drop", "04_teacher_dropping"],
    [["experiments", "world_component"], "world_component", "world_components"],
    [["test", "tests/errors", "--record"], "--record", "whole suite"],
    [["experiments", "world_components", "--rows", "basics", "--list"], "basics", "basic"],
  ];
  for (const [args, found, expected] of mistakes) {
    const { code, err } = await here(...args);
    assertEquals(code, 2, `${args.join(" ")}: ${err}`);
    assertStringIncludes(err, found);
    assertStringIncludes(err.toLowerCase(), expected.toLowerCase());
  }
});

Deno.test("a distillation that is killed six times ends like an undisturbed one", async () => {
  const { code, out, err } = await task("torture", "--kills", "3", "--writes", "3", "--json");
  assertEquals(code, 0, err);
  const [random, write, disk] = JSON.parse(out);
  for (const { injected, survived, lost } of [random, write]) {
    assertEquals([injected, survived, lost], [3, 3, 0]);
  }
  // Mounting a small disk takes root's rights.
  if (disk !== undefined) assertEquals([disk.survived, disk.lost], [1, 0]);
});

Deno.test("distill, evaluate and report a tiny run", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  const run = `${folder}/run`;
  try {
    for (let i = 0; i < 40; i++) {
      const name = i % 2 === 0 ? "even" : "odd";
      await writeFiles(folder, { [`labelled/${name}/${i}.png`]: await png(i, 32, 32) });
    }
    const tiny = ["distill", "recipes/tiny_test.ts", "--run", run];
    const set = ["--set", `evaluation.tasks=["${folder}/labelled"]`];
    const distilled = await task(...tiny, ...set, "--json");
    assertEquals(distilled.code, 0, distilled.err);
    const last = JSON.parse(distilled.out.trim().split("\n").at(-1) ?? "");
    assertEquals(Object.keys(last), [
      "run",
      "steps",
      "images",
      "seconds",
      "loss",
      "stateDigest",
      "account",
    ]);
    assertMatch(last.stateDigest, /^[0-9a-f]{64}$/);

    const again = await here(...tiny, ...set);
    assertEquals(again.code, 2, "a finished run is not overwritten");
    const page = await Deno.readTextFile(`${run}/report.html`);
    assert(page.length > 1e6 && page.includes("specialist_digits"));

    const evaluated = await task(
      "evaluate",
      run,
      "pixels",
      "--data",
      "digits",
      "--limit",
      "60",
      "--json",
    );
    assertEquals(evaluated.code, 0, evaluated.err);
    const rows = JSON.parse(evaluated.out);
    assertEquals(Object.keys(rows[0]), [
      "model",
      "task",
      "metric",
      "value",
      "low",
      "high",
      "images",
      "seconds",
    ]);
    assertEquals(rows.length, 2);

    const suite = ["evaluate", run, "--suite", "--data", "digits", "--limit", "60", "--json"];
    const quick = [...suite, "--metric", "knn", "--k", "5", "--k", "10"];
    const first = await here(...quick);
    assertEquals(first.code, 0, first.err);
    const table = await Deno.readTextFile(`${run}/evaluation.csv`);
    assertEquals(table.trim().split("\n").length, 1 + JSON.parse(first.out).length);
    const second = await here(...quick);
    assertEquals(second.out, first.out, "what was measured is not measured again, seconds and all");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
