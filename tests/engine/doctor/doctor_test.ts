import { assert, assertEquals } from "@std/assert";
import {
  type CheckResult,
  type DoctorCheck,
  runChecks,
} from "../../../lib/engine/doctor/doctor.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { runDeno } from "../deno_subprocess_fixture.ts";

const throwing = (error: Error, essential: boolean, remedy?: string): DoctorCheck => ({
  name: "broken",
  essential,
  remedy,
  run: () => {
    throw error;
  },
});
const fine: DoctorCheck = { name: "fine", essential: true, run: () => Promise.resolve("found") };

Deno.test("one failure does not stop the others, and only an essential one counts", async () => {
  const seen: CheckResult[] = [];
  const minor = await runChecks([throwing(new Error("lost"), false, "find it"), fine], {
    onCheck: (check) => seen.push(check),
  });
  assertEquals(minor, {
    ok: true,
    checks: [
      { name: "broken", ok: false, detail: "lost", remedy: "find it" },
      { name: "fine", ok: true, detail: "found", remedy: null },
    ],
  });
  assertEquals(seen, [...minor.checks]);
  assertEquals((await runChecks([throwing(new Error("lost"), true), fine])).ok, false);
});

Deno.test("the remedy is the last sentence of a UserError", async () => {
  const remedyFor = async (error: Error) => (await runChecks([throwing(error, true)])).checks[0];
  const long = new UserError("Fetched it: found A. Then B, expected C. Do this, or do 2.5 of that");
  assertEquals(await remedyFor(long), {
    ...{ name: "broken", ok: false, detail: "Fetched it: found A. Then B, expected C" },
    remedy: "Do this, or do 2.5 of that",
  });
  const lines = new UserError("It failed; its last lines:\n  ERROR: No such. Thing\nCheck the net");
  assertEquals((await remedyFor(lines))?.remedy, "Check the net");
  assertEquals((await remedyFor(new Error("A. B")))?.remedy, "Report this with the whole output");
});

Deno.test("deno task doctor --json works with the permissions of the task", () =>
  inTemporaryFolder(async (folder) => {
    const { code, stdout } = await runDeno(["task", "-q", "doctor", "--json", "--offline"], {
      XDG_CACHE_HOME: folder,
      HASHIGO_BACKEND: "wasm",
    });
    const { ok, checks }: { ok: boolean; checks: CheckResult[] } = JSON.parse(stdout);
    assertEquals([code, ok], [0, true]);
    const failed = checks.filter(({ ok }) => !ok);
    for (const { remedy } of failed) assert(remedy !== null && remedy.length > 0);
    // Without TensorFlow, only its own line may be a failure.
    assertEquals(failed.filter(({ name }) => name !== "TensorFlow"), []);
    assert(checks.some(({ detail }) => /^2048\^3 in \d+ ms, \d+ GFLOP\/s on wasm$/.test(detail)));
  }));

Deno.test("deno task doctor fails where TensorFlow is missing, with the remedy", () =>
  inTemporaryFolder(async (folder) => {
    const { code, stdout } = await runDeno(["task", "-q", "doctor", "--offline"], {
      ...{ XDG_CACHE_HOME: folder, PATH: folder },
    });
    assertEquals(code, 1);
    assert(/^✗ TensorFlow {6}Looked for .*\n {18}→ It is fetched when/m.test(stdout), stdout);
    assert(stdout.endsWith("Not ready: see the lines marked ✗.\n"), stdout);
  }));
