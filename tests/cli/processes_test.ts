/** `--processes` as it is typed: with the permissions of the task, and processes that the program starts. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { distillCommand } from "../../lib/cli/commands/distill.ts";
import { doctor } from "../../lib/cli/commands/doctor.ts";
import type { Command } from "../../lib/cli/command.ts";
import { permissionsOf } from "../../lib/cli/program.ts";
import { runCommand } from "../../lib/cli/run_command.ts";
import { readLog } from "../../lib/runs/step_log.ts";
import { runPaths } from "../../lib/runs/run_folder.ts";
import { inFolder } from "../images/images_fixture.ts";

const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));

async function typed(command: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "-q", "--no-prompt", `-P=${permissionsOf(command)}`, main, command, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, err: err! };
}

async function refused(command: Command, ...args: string[]): Promise<string> {
  const err: string[] = [];
  const output = { out: () => {}, err: (line: string) => err.push(line) };
  assertEquals(await runCommand(command, args, { output }), 2);
  return err.join("\n");
}

Deno.test("mistakes are told before any process is started", async () => {
  const recipe = "recipes/tiny_test.ts", distill = distillCommand as unknown as Command;
  assertStringIncludes(
    await refused(distill, recipe, "--processes", "1.5"),
    "Found --processes 1.5, expected a whole number from 1",
  );
  assertMatch(
    await refused(distill, "--images", ".", "--teachers", "a", "--processes", "2"),
    /expected a RECIPE|Cannot/,
  );
  assertStringIncludes(
    await refused(doctor as unknown as Command, "--processes", "1"),
    "2 or more",
  );
  const uneven: string[] = [];
  const output = { out: () => {}, err: (line: string) => uneven.push(line) };
  await runCommand(distillCommand, [recipe, "--processes", "3"], { output });
  assertStringIncludes(uneven.join("\n"), "its batch of 16 images has no 3 equal parts");
});

Deno.test("doctor --processes says how fast processes sum, and that they agree", async () => {
  const { code, out, err } = await typed("doctor", "--processes", "2", "--json");
  assertEquals(code, 0, err);
  const { processes, ranks, agree, sumMilliseconds } = JSON.parse(out);
  assertEquals([processes, ranks.length, agree], [2, 2, true]);
  assert(sumMilliseconds > 0);
  // Of one machine, and so of one clock.
  assert(Math.abs(ranks[1].clockMilliseconds) < 1000, ranks[1].clockMilliseconds);
});

Deno.test("distill --processes trains and ends all; one process resumes the run", () =>
  inFolder(async (folder) => {
    const args = ["recipes/tiny_test.ts", "--set", "evaluation.tasks=[]", "--run", `${folder}/run`];
    const steps = (count: number) => ["--set", `optimization.steps=${count}`];
    const shared = await typed("distill", ...args, ...steps(4), "--processes", "2", "--json");
    assertEquals(shared.code, 0, shared.err);
    const { steps: taken } = JSON.parse(shared.out.trim().split("\n").at(-1)!);
    assertEquals(taken, 4);
    const further = [...args, ...steps(6), "--resume", "--allow", "optimization"];
    const resumed = await typed("distill", ...further);
    assertEquals(resumed.code, 0, resumed.err);
    const log = await readLog(runPaths(`${folder}/run`).log);
    assertEquals(log.map(({ step }) => step), [1, 2, 3, 4, 5, 6]);
  }));
