import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { takeLock } from "../../lib/runs/run_lock.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

Deno.test("a lock names its holder, and one that was left behind keeps no process out", () =>
  inTemporaryFolder(async (folder) => {
    const first = await takeLock(folder);
    await assertRejects(() => takeLock(folder), UserError, `another process (${Deno.pid})`);
    first.release();
    first.release();
    await Deno.writeTextFile(`${folder}/lock`, "4242"); // as a killed process leaves it
    const second = await takeLock(folder);
    assertEquals(second.abandonedBy, "4242");
    second.release();
    assertEquals((await takeLock(folder)).abandonedBy, undefined);
  }));
