import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { flagNames, flagSetNames, flagSets } from "../../../lib/engine/tuning/flag_sets.ts";
import { flagsIn, knownFlagSets } from "../../../lib/engine/tuning/known_flags.ts";
import { flagVariable, useFlagSet } from "../../../lib/engine/tuning/use_flags.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** A file with texts at positions, zeros between. */
async function fileOf(path: string, parts: readonly (readonly [number, string])[]): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  for (const [position, part] of parts) {
    await file.seek(position, Deno.SeekMode.Start);
    await file.write(text(part));
  }
}

Deno.test("names are found as whole strings, wherever a block of the file ends", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/library`, block = 1 << 24;
    await fileOf(path, [
      [10, "xla_cpu_first"],
      [100, "an xla_cpu_inner one"],
      [200, "xla_cpu_with_more_behind"],
      [300, "not_xla_cpu_alone"],
      [block - 4, "xla_cpu_across"],
      [2 * block - 300, "xla_cpu_before\0"],
      [2 * block + 50, "xla_cpu_last\0"],
    ]);
    assertEquals([...await flagsIn(path)].sort(), [
      ...["across", "before", "first", "last", "with_more_behind"].map((name) => `xla_cpu_${name}`),
    ]);
  }));

Deno.test("a set is known where all its flags are", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/library`;
    await fileOf(path, [[1, "xla_cpu_use_onednn"], [99, "xla_cpu_use_xnnpack\0"]]);
    assertEquals(await knownFlagSets(path), ["plain", "xnnpack"]);
    await fileOf(path, [[200, "xla_cpu_experimental_onednn_fusion_type\0"]]);
    const known = await knownFlagSets(path);
    assertEquals(known, ["plain", "onednn_dot", "onednn_dot_eltwise", "xnnpack"]);
  }));

Deno.test("no set rounds more coarsely or writes files: each flag is of the processor's compiler", () => {
  for (const set of flagSetNames) {
    assertEquals(flagNames(set).length, flagSets[set].length);
    for (const name of flagNames(set)) {
      assert(/^xla_cpu_[a-z_]+$/.test(name) && !name.includes("fast_math"), name);
    }
  }
});

/** Runs `body` with variables of the environment, and puts back what they were. */
async function withEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  body: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  const set = ([name, value]: readonly [string, string | undefined]) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  Object.entries(variables).forEach(set);
  try {
    await body();
  } finally {
    before.forEach(set);
  }
}

Deno.test("flags are set where the library knows them, and refused by name where it does not", () =>
  inTemporaryFolder(async (folder) => {
    const [main, framework] = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
    await Deno.writeTextFile(`${folder}/${framework}`, "");
    await fileOf(`${folder}/${main}`, [[1, "xla_cpu_use_xnnpack\0"]]);
    await withEnvironment({ HASHIGO_TENSORFLOW: folder, [flagVariable]: undefined }, async () => {
      await useFlagSet("plain");
      assertEquals(Deno.env.get(flagVariable), undefined);
      await assertRejects(() => useFlagSet("onednn_dot"), UserError, 'the flags "onednn_dot"');
      assertEquals(Deno.env.get(flagVariable), undefined);
      await useFlagSet("xnnpack");
      assertEquals(Deno.env.get(flagVariable), "--xla_cpu_use_xnnpack=true");
    });
    await withEnvironment({ HASHIGO_TENSORFLOW: folder, [flagVariable]: "--mine" }, async () => {
      await useFlagSet("xnnpack");
      assertEquals(Deno.env.get(flagVariable), "--mine", "the user's own stay");
    });
  }));
