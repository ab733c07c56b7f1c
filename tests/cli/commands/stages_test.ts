/** A recipe with stages at the command line: stopped, listed, resumed, reported and measured. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { distillCommand } from "../../../lib/cli/commands/distill.ts";
import { runs } from "../../../lib/cli/commands/runs.ts";
import type { Command } from "../../../lib/cli/command.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { loadRecipe } from "../../../lib/recipe/load.ts";
import { distill } from "../../../lib/training/distill.ts";
import { recipeWithAllTeachers } from "../../../lib/runs/stage_states.ts";
import { openModel } from "../../../lib/evaluation/models/open_model.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import tinyStages from "../../../recipes/tiny_stages.ts";

const recipe = {
  ...tinyStages,
  images: {
    sources: [{ path: "data/images/digits.zip", split: "train", limit: 32 }],
    ...{ size: 32, augmentation: false },
  },
  optimization: { batchSize: 16, steps: 3, warmupSteps: 1 },
  evaluation: {},
};

async function trial(command: Command, args: string[]) {
  const [out, err]: string[][] = [[], []];
  const output = { out: (line: string) => out!.push(line), err: (line: string) => err!.push(line) };
  const status = await runCommand(command, args, { output, program: "hashigo" });
  return { status, out: out!.join("\n"), err: err!.join("\n") };
}

Deno.test("a stopped stage is listed, and resumed by the folder of the run alone", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/mine.json`, run = `${folder}/runs/mine`;
    await Deno.writeTextFile(path, JSON.stringify(recipe));
    let done = 0;
    for await (const _ of distill(await loadRecipe(path), { folder: run })) {
      if (++done === 5) break;
    }
    const list = await trial(runs as Command, [`${folder}/runs`]);
    assertStringIncludes(list.out, "stopped at 2 of 3, stage grown, 2 of 3");
    const listed = await trial(runs as Command, [`${folder}/runs`, "--json"]);
    const rows = JSON.parse(listed.out);
    assertEquals(rows.length, 1, "stages are no runs of the list");
    assertEquals([rows[0].stage, rows[0].step], ["grown, 2 of 3", 2]);

    const again = await trial(distillCommand as Command, [path, "--run", run]);
    assertEquals(again.status, 2);
    assertStringIncludes(again.err, `distill --resume ${run}`);
    const others = await trial(distillCommand as Command, [
      ...[path, "--run", run, "--resume", "--set", "stages.small.optimization.steps=9"],
    ]);
    assertEquals(others.status, 2);
    assertStringIncludes(others.err, "stages.small.optimization.steps: 12 -> 9");

    await Deno.remove(path);
    const { status, out, err } = await trial(distillCommand as Command, [
      ...["--resume", run, "--json"],
    ]);
    assertEquals(status, 0, err);
    assertStringIncludes(err, "stage 1 of 3, low: finished before");
    assertStringIncludes(err, "stage 3 of 3, small: grown into a student that starts at random");
    assertStringIncludes(err, "stage grown (2 of 3)  step 3/3");
    const result = JSON.parse(out.split("\n").at(-1)!);
    assertEquals([result.run, result.steps], [run, 12]);
    assertEquals(
      result.stages.map((
        { name, step, finished }: Record<string, unknown>,
      ) => [name, step, finished]),
      [["low", 3, true], ["grown", 3, true], ["small", 12, true]],
    );
    const report = await Deno.readTextFile(`${run}/report.html`);
    assertStringIncludes(report, "<h2>Stages</h2>");
    for (const name of ["low", "grown", "small"]) assertStringIncludes(report, `<td>${name}</td>`);

    const finished = await trial(runs as Command, [`${folder}/runs`]);
    assertStringIncludes(finished.out, "finished, 12 steps, stage small, 3 of 3");
    // Its student is that of the last stage, and those of the others can be opened too.
    for (const [of, width] of [["", 32], ["/stages/grown", 64], ["/stages/low", 32]] as const) {
      const model = await openModel(run + of);
      assertEquals(model.backbone.width, width);
      model.backbone.dispose();
    }
    const { teachers } = await recipeWithAllTeachers(run);
    assertEquals(teachers.map(({ name }) => name).sort(), [
      ...["grown", "resnet20_cifar10", "specialist_digits"],
    ], "it is measured beside the teachers of all stages");
  }));

Deno.test("a mistake in a stage is refused before anything is made", () =>
  inTemporaryFolder(async (folder) => {
    const run = `${folder}/run`;
    const cases: [string, string][] = [
      ["stages.grown.teachers=resnet20_cifar1", 'Stage "grown": Cannot load the teacher'],
      ["stages.grown.student.width=48", 'stage "grown": '],
      ["stages.small.teachers=[]", 'stage "small": "teachers": found none'],
      ["stages=[]", '"stages": found none'],
      ['stages.low.images.sources=[{"path":"none.zip"}]', 'Stage "low": '],
    ];
    for (const [setting, expected] of cases) {
      const { status, err } = await trial(distillCommand as Command, [
        ...["recipes/tiny_stages.ts", "--run", run, "--set", setting],
      ]);
      assertEquals(status, 2, err);
      assertStringIncludes(err, expected);
    }
    assert(!await Deno.stat(run).then(() => true, () => false));
  }));
