/** Runs that are stopped, resumed, locked and short of space. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { diskFiles, type Storage } from "../../lib/io/storage.ts";
import { listCheckpointsWithLosses } from "../../lib/runs/checkpoint/read.ts";
import { loadLatestCheckpoint, saveCheckpoint } from "../../lib/runs/checkpoint/checkpoint.ts";
import { checkpointsAtMost } from "../../lib/runs/disk_budget.ts";
import { takeLock } from "../../lib/runs/run_lock.ts";
import { provenanceDifferences, refuseDifferences } from "../../lib/runs/provenance.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { UserError } from "../../lib/errors/user_error.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const recipe = defineRecipe({
  name: "digits",
  images: { sources: [{ path: "digits.zip" }], size: 32 },
  teachers: ["specialist_digits"],
  student: { width: 96, depth: 2, heads: 3, patchSize: 8 },
  optimization: { batchSize: 8, steps: 10 },
});

Deno.test("newest, best and every third checkpoint stay, with what they lost", () =>
  inFolder(async (run) => {
    const losses = [5, 1, 3, 4, 2, 6];
    for (const [i, loss] of losses.entries()) {
      const tensors = new Map([["a", { shape: [1], data: Float32Array.of(i) }]]);
      const retention = { keep: 1, keepBest: 2, keepEvery: 3 };
      await saveCheckpoint(run, { step: i + 1, loss, tensors, meta: {} }, retention);
    }
    const checkpoints = await listCheckpointsWithLosses(`${run}/checkpoints`);
    assertEquals(checkpoints.map(({ step }) => step).sort(), [2, 3, 5, 6]);
    assertEquals(checkpoints.find(({ step }) => step === 2)?.loss, 1);
    assertEquals(
      checkpointsAtMost({ keep: 1, keepBest: 2, keepEvery: 3 }, { steps: 6, every: 1 }),
      6,
    );
  }));

Deno.test("a lock says who holds it, and one that was left behind keeps nobody out", () =>
  inFolder(async (folder) => {
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

Deno.test("another teacher, set of images or version is refused by name, and accepted by name", () => {
  const provenance = {
    images: "1",
    teachers: { digits: "a" },
    versions: { hashigo: "1", tensorflow: "2" },
  };
  const now = { ...provenance, teachers: { digits: "b" }, versions: { hashigo: "1", wasm: "4" } };
  assertEquals(provenanceDifferences({ recipe, origin: provenance }, { recipe, provenance }), []);
  const differences = provenanceDifferences({ recipe, origin: provenance }, {
    recipe,
    provenance: now,
  });
  assertEquals(differences, [
    "teachers.digits: a -> b",
    "versions.tensorflow: 2 -> none",
    "versions.wasm: not recorded -> 4",
  ]);
  const refuse = (...allow: string[]) => refuseDifferences("runs/a", differences, allow);
  let message = "";
  try {
    refuse("versions");
  } catch (error) {
    message = String(error);
  }
  assertStringIncludes(message, "--allow teachers.digits");
  assert(!message.includes("wasm"), "what was allowed is not complained of");
  refuse("versions", "teachers.digits");
});

Deno.test("a disk that fills up leaves the checkpoint before, and says what is safe", () =>
  inFolder(async (run) => {
    const tensors = new Map([["a", { shape: [1], data: Float32Array.of(1) }]]);
    await saveCheckpoint(run, { step: 1, tensors, meta: {} });
    const full: Storage = {
      ...diskFiles,
      async write(path, bytes) {
        if (path.endsWith("meta.json")) {
          throw Object.assign(new Error("No space left on device (os error 28)"), {
            code: "ENOSPC",
          });
        }
        await diskFiles.write(path, bytes);
      },
    };
    const save = () => saveCheckpoint(run, { step: 2, tensors, meta: {} }, { files: full });
    await assertRejects(save, UserError, "those before it are whole");
    assertEquals((await loadLatestCheckpoint(run))?.step, 1);
  }));

async function untilStep(child: Deno.ChildProcess): Promise<() => Promise<string>> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/step \d+\//.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended before its first step: ${text}`);
    text += value;
  }
  return async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
    return text;
  };
}

function startTiny(run: string, ...more: string[]) {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "-q",
        "--allow-all",
        "lib/cli/main.ts",
        "distill",
        "recipes/tiny_test.ts",
        "--run",
        run,
      ],
      ...more,
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

Deno.test({
  name:
    "SIGINT leaves with 130 and SIGTERM with 143, each with a checkpoint; a second process is refused",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const run = `${folder}/run`;
      const steps: number[] = [];
      for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        const child = startTiny(run, ...steps.length > 0 ? ["--resume"] : []);
        const rest = await untilStep(child);
        if (steps.length === 0) {
          const other = await startTiny(run, "--resume").output();
          assertEquals(other.code, 2);
          assertStringIncludes(
            new TextDecoder().decode(other.stderr),
            `another process (${child.pid})`,
          );
        }
        child.kill(signal);
        const text = await rest();
        assertEquals((await child.status).code, status, text);
        steps.push((await loadLatestCheckpoint(run))?.step ?? 0);
      }
      const [first = 0, second = 0] = steps;
      assert(first > 0 && second > first, `${first}, then ${second}`);
    }),
});
