/** How a run was begun, kept for its report. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { readOrigin, storeOrigin } from "../../lib/runs/run_origin.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

Deno.test("the origin of a run has command, date, machine and versions, and is read back", async () => {
  await inTemporaryFolder(async (folder) => {
    assertEquals(await readOrigin(folder), undefined);
    const before = Date.now();
    await storeOrigin(folder, { hashigo: "0.1.0", tensorflow: "2.21.0" });
    const { command, date, machine, versions } = (await readOrigin(folder))!;
    assertMatch(command, /^deno run /); // of a program that is not hashigo's own
    assert(Math.abs(Date.parse(date) - before) < 60_000, date);
    assertMatch(machine, /\d+ cores \(\w+ \w+\)$/);
    assertEquals(versions, { hashigo: "0.1.0", tensorflow: "2.21.0" });
  });
});

Deno.test("a command is kept as one would type it", async () => {
  await inTemporaryFolder(async (folder) => {
    const main = new URL("../../lib/cli/main.ts", import.meta.url).href;
    const program = `
      Object.defineProperty(Deno, "mainModule", { value: ${JSON.stringify(main)} });
      Object.defineProperty(Deno, "args", { value: ["distill", "my recipe.ts", "--set", "a=1"] });
      const { storeOrigin } = await import(${
      JSON.stringify(new URL("../../lib/runs/run_origin.ts", import.meta.url).href)
    });
      await storeOrigin(${JSON.stringify(folder)}, {});`;
    const commandOf = async (env: Record<string, string>) => {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["eval", program],
        cwd: new URL("../../", import.meta.url),
        env,
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      return (await readOrigin(folder))!.command;
    };
    assertEquals(
      await commandOf({ INIT_CWD: "/home" }),
      'deno task distill "my recipe.ts" --set a=1',
    );
    assertEquals(await commandOf({ INIT_CWD: "" }), 'hashigo distill "my recipe.ts" --set a=1');
  });
});

Deno.test("a damaged origin is refused with what to do", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/origin.json`, '{"command": 3}');
    await assertRejects(() => readOrigin(folder), UserError, "Remove the file");
  });
});
