import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import {
  fastestWay,
  keepTuning,
  readTuning,
  tuningsHere,
  type TuningTrial,
  wayText,
} from "../../../lib/engine/tuning/tuning.ts";
import { tuningCheck } from "../../../lib/cli/tuning_check.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const usual = { mode: "xla", flags: "plain", precision: "float32" } as const;
const graph = { ...usual, mode: "graph" } as const;
const onednn = { ...usual, flags: "onednn_dot" } as const;
const bfloat16 = { ...onednn, precision: "bfloat16" } as const;

const trials: readonly TuningTrial[] = [
  { ...usual, milliseconds: 100 },
  { ...graph, milliseconds: 98 },
  { ...bfloat16, milliseconds: 50 },
];

Deno.test("another way than the usual one must be faster by 3 %, and compute the same", () => {
  assertEquals(fastestWay(trials, "float32"), { ...usual, milliseconds: 100 });
  const faster = { ...onednn, milliseconds: 97 };
  assertEquals(fastestWay([...trials, faster], "float32"), faster);
  const wrong = { ...faster, milliseconds: 10, refusal: "computes something else" };
  assertEquals(fastestWay([...trials, wrong], "float32"), { ...usual, milliseconds: 100 });
  const failed = { ...onednn, milliseconds: null, refusal: "failed" };
  assertEquals(fastestWay([failed, { ...graph, milliseconds: 98 }], "float32"), {
    ...graph,
    milliseconds: 98,
  });
  assertEquals(fastestWay([failed], "float32"), undefined);
});

Deno.test("precisions do not compete: what is declared stays", () => {
  assertEquals(fastestWay(trials, "bfloat16")?.milliseconds, 50);
  assertEquals(fastestWay(trials.slice(0, 2), "bfloat16"), undefined);
  assertEquals(wayText(bfloat16), "XLA with onednn_dot, bfloat16");
  assertEquals(wayText(graph), "graph, float32");
});

const tuning = { student: "transformer", step: "a step", date: "2026-11-29", trials: [...trials] };

Deno.test("a tuning is kept for a processor, a library and a kind of student, and shown", () =>
  inTemporaryFolder(async (folder) => {
    assertEquals(await tuningsHere(`${folder}/none`), []);
    assertStringIncludes(await tuningCheck(folder).run(), "none; ");
    const path = await keepTuning(tuning, folder);
    await keepTuning({ ...tuning, student: "mobilenet_v2" }, folder);
    const kept = await readTuning("transformer", folder);
    assertEquals(kept?.trials, trials);
    assertEquals(await readTuning("resnet", folder), undefined);
    const students = (await tuningsHere(folder)).map(({ student }) => student);
    assertEquals(students, ["mobilenet_v2", "transformer"]);
    assertStringIncludes(
      await tuningCheck(folder).run(),
      "transformer, 2026-11-29: XLA, float32 (1.00 times as fast as usual); " +
        "XLA with onednn_dot, bfloat16 (2.00 times as fast as usual)",
    );
    // Copied from another machine under this one's name.
    const foreign = { ...kept, processor: "amd_other_64_cores" };
    await Deno.writeTextFile(path, JSON.stringify(foreign));
    assertEquals(await readTuning("transformer", folder), undefined);
  }));

for (
  const [what, change] of [
    ["a flag of its own", { trials: [{ ...usual, flags: "--xla_dump_to=/", milliseconds: 1 }] }],
    ["a time below zero", { trials: [{ ...usual, milliseconds: -1 }] }],
    ["no trial", { trials: [] }],
    ["a stranger's key", { command: "rm" }],
    ["a million bytes", { step: "x".repeat(1e6) }],
  ] as const
) {
  Deno.test(`a tuning with ${what} is refused, and doctor says so`, () =>
    inTemporaryFolder(async (folder) => {
      const path = await keepTuning(tuning, folder);
      const kept = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify({ ...kept, ...change }));
      const error = await assertRejects(() => readTuning("transformer", folder), UserError);
      assert(error.message.endsWith("Run deno task tune again, or remove the file"), error.message);
      await assertRejects(async () => await tuningCheck(folder).run(), UserError);
    }));
}
