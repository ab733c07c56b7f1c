import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runs } from "../../../lib/cli/commands/runs.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { takeLock } from "../../../lib/runs/run_lock.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { minimal } from "../../recipe/minimal_recipe_fixture.ts";

async function trial(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommand(runs, args, {
    output: { out: (line) => out.push(line), err: (line) => err.push(line) },
    program: "hashigo",
  });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const report = (step: number) =>
  JSON.stringify({
    ...{ step, steps: 200, epoch: 1, images: 64 * step, loss: 1 / step, losses: {}, shares: {} },
    ...{ learningRate: 1e-3, gradientNorm: 2, imagesPerSecond: 5, waitingShare: 0, seconds: step },
    ...{ secondsLeft: 1, standardizerWeight: 0.5 },
  }) + "\n";

async function makeRun(folder: string, files: Record<string, string>) {
  await Deno.mkdir(folder, { recursive: true });
  const all = { "recipe.json": JSON.stringify(minimal), lock: "", ...files };
  for (const [name, text] of Object.entries(all)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}

const row = (task: string, outcome: string) => ({
  ...{ model: "student", task, metric: "k-NN accuracy", value: 90, low: 80, high: 95 },
  ...{ images: 10, seconds: 1 },
  verdict: { outcome, against: "digits", difference: 1, low: -1, high: 2, p: 0.5 },
});

Deno.test("runs are listed with state, step, loss, verdict, size and age", () =>
  inTemporaryFolder(async (folder) => {
    const log = report(1) + report(2) + report(4) + '{"step":5,"st';
    await makeRun(`${folder}/stopped`, { "log.jsonl": log, "big.bin": "x".repeat(100_000) });
    await makeRun(`${folder}/deep/er/finished`, {
      "log.jsonl": report(200),
      "result.json": "{}",
      "evaluation.json": JSON.stringify({
        rows: [row("a", "win"), row("b", "win"), row("c", "loss")],
        ...{ costs: [], models: [] },
      }),
    });
    await makeRun(`${folder}/torn`, { "evaluation.json": "{", "log.jsonl": "\0\0\n" });
    await makeRun(`${folder}/running`, { "log.jsonl": report(3) });
    await makeRun(`${folder}/node_modules/x`, {});
    await Deno.mkdir(`${folder}/recipes`);
    await Deno.writeTextFile(`${folder}/recipes/recipe.json`, JSON.stringify(minimal));
    const { release } = await takeLock(`${folder}/running`);
    try {
      const { status, out } = await trial(folder, "--json");
      assertEquals(status, 0);
      const rows: { run: string; bytes: number; changed: string }[] = JSON.parse(out);
      const known = Object.fromEntries(
        rows.map(({ run, bytes: _, changed: __, ...rest }) => [run.slice(folder.length + 1), rest]),
      );
      const stopped = { state: "stopped", verdict: null };
      assertEquals(known, {
        "stopped": { ...stopped, step: 4, steps: 200, loss: 1 / 4 },
        "deep/er/finished": {
          ...{ state: "finished", step: 200, steps: 200, loss: 1 / 200 },
          verdict: { win: 2, tie: 0, loss: 1 },
        },
        "torn": { ...stopped, step: 0, steps: null, loss: null, verdict: "unreadable" },
        "running": { state: "running", step: 3, steps: 200, loss: 1 / 3, verdict: null },
      });
      assertEquals(
        rows.every(({ changed }) => Math.abs(Date.parse(changed) - Date.now()) < 1e5),
        true,
      );
      assertEquals(rows.filter(({ bytes }) => bytes >= 100_000).map(({ run }) => run), [
        `${folder}/stopped`,
      ]);
      const { out: text } = await trial(`${folder}/`);
      assertStringIncludes(text, "wins 2, ties 0, loses 1");
      assertMatch(text, /stopped at 4 of 200 +0\.2500 /);
      assertStringIncludes(text, "running, step 3 of 200");
      assertStringIncludes(text, `distill --resume ${folder}/`);
    } finally {
      release();
    }
    const { out } = await trial(`${folder}/running`, "--json");
    assertEquals(JSON.parse(out)[0].state, "stopped");
  }));

Deno.test("no runs are no error; no folder is", () =>
  inTemporaryFolder(async (folder) => {
    const { status, out, err } = await trial(folder, "--json");
    assertEquals([status, out], [0, "[]"]);
    assertStringIncludes(err, `no runs in ${folder}`);
    const missing = await trial(`${folder}/none`);
    assertEquals(missing.status, 2);
    assertStringIncludes(missing.err, `Cannot list the runs of "${folder}/none"`);
  }));
