/** One whole row in a short form, and image sets that are not there. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertExperimentData, runExperimentRow } from "../../lib/experiments/run_cell.ts";
import { encoderStages } from "../../lib/nn/encoder.ts";
import { encoderConfigOf } from "../../lib/recipe/student_config.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { experiment, tiny } from "./tiny_experiment_fixture.ts";

Deno.test("a row is trained, stopped, resumed and measured", async () => {
  const runs = await Deno.makeTempDir();
  try {
    const [student, pixels] = experiment.rows;
    assert(student && pixels);
    const stop = new AbortController();
    const options = { runs, steps: 6, limit: 20 };
    const stopped = await runExperimentRow(experiment, student, 1, {
      ...options,
      signal: stop.signal,
      onStep: (step) => step === 3 && stop.abort(),
    });
    assertEquals(stopped, undefined);
    const steps: number[] = [];
    const go = { ...options, signal: new AbortController().signal };
    const measures = await runExperimentRow(experiment, student, 1, {
      ...go,
      onStep: (step) => steps.push(step),
    });
    assert(measures);
    assertEquals(steps.at(-1), 6);
    assert(steps[0]! > 1, "went on where it was stopped");
    assert(measures["knn digits"]! >= 0 && measures["loss ratio"]! >= 1);
    assert(measures["share specialist_digits"]! > 0);
    // What else is measured of the same run, which is not trained again.
    const again = await runExperimentRow(
      { ...experiment, moments: 2, capacity: ["digits"] },
      student,
      1,
      { ...go, onStep: () => assert(false, "it was finished") },
    );
    const measured = (measure: string) => again?.[measure] ?? NaN;
    assertEquals(Object.keys(again ?? {}).filter((name) => name.startsWith("loss ratio")), [
      "loss ratio",
      "loss ratio at 50 %",
      "loss ratio at 100 %",
    ]);
    // Its last step is the last tenth of 6, and its halves are means of three.
    assertEquals(measured("loss ratio"), measures["loss ratio"]);
    assert(
      measured("loss specialist_digits at 50 %") > measured("loss specialist_digits at 100 %"),
    );
    const { width } = encoderStages(encoderConfigOf(tiny)).at(-1)!;
    assertEquals(measured(`components ${width} digits`), 100, "all of them are the whole");
    assertEquals(measured("pruned 0 digits"), 100);
    assert(measured("components 1 digits") < 100);
    const frozen = await runExperimentRow(experiment, pixels, 0, go);
    assertEquals(Object.keys(frozen ?? {}).sort(), ["knn digits", "logistic digits"]);
    const beside = { ...experiment, against: ["random"] };
    const first = await runExperimentRow(beside, pixels, 0, go);
    const kept = await Deno.readTextFile(`${runs}/tiny/measured.jsonl`);
    assertEquals(await runExperimentRow(beside, pixels, 0, go), first);
    assertEquals(
      await Deno.readTextFile(`${runs}/tiny/measured.jsonl`),
      kept,
      "the model beside it is not measured again",
    );
  } finally {
    await Deno.remove(runs, { recursive: true });
  }
});

Deno.test("missing images are named with their folder and size, before anything is trained", async () => {
  const there = { path: ".", megabytes: 1, description: "the folder itself" };
  const folder = Deno.env.get("HASHIGO_DATA");
  Deno.env.set("HASHIGO_DATA", Deno.cwd());
  const needs = [there, { path: "no/such.zip", megabytes: 7, description: "birds" }];
  const error = await assertRejects(
    () => assertExperimentData({ ...experiment, needs }),
    UserError,
    "no/such.zip: birds, 7 MB",
  );
  assert(!error.message.includes("the folder itself") && error.message.includes("HASHIGO_DATA"));
  await assertExperimentData(experiment);
  if (folder === undefined) Deno.env.delete("HASHIGO_DATA");
  else Deno.env.set("HASHIGO_DATA", folder);
});
