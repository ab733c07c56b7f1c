/** The pure parts load without an engine and without permissions, in Deno and in Node, and compute the same. */
import { assert, assertEquals } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { importGraph } from "./import_graph_fixture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What two runtimes are promised for. */
const pure = [
  "lib/metrics/mod.ts",
  "lib/tensors/schedules.ts",
  "lib/tensors/random.ts",
  "lib/method/teacher_drop.ts",
];
/**
 * All that they may stand on: pure rooms, the face of the compiler, which runs op by op without an
 * engine, and the text of tables.
 */
const allowed =
  /^lib\/(metrics|tensors|method|nn|errors)\/|^lib\/engine\/compiler\/(compile|tree)\.ts$|^lib\/io\/csv\.ts$/;

const reached = new Set(pure);
const graph = await importGraph(["lib"]);
for (const file of reached) {
  for (const { from, to, typeOnly } of graph) if (from === file && !typeOnly) reached.add(to);
}

Deno.test("no pure part reaches an engine, the disk, or a room that needs them", () => {
  assertEquals([...reached].filter((path) => !allowed.test(path)), []);
});

Deno.test("the pure parts load and compute in Deno without a permission", async () => {
  const numbers = await computeInDeno();
  assertEquals([numbers.knn, numbers.logistic.length], [100, 20]);
});

const node = await new Deno.Command("node", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: `the pure parts compute the same in Node${node ? "" : " (skipped: no node on the path)"}`,
  ignore: !node,
  fn: async () => {
    const folder = join(root, ".cache", `pure-${crypto.randomUUID()}`);
    try {
      for (const path of reached) await stripTypes(path, folder);
      const numbers = await run("node", ["tests/repository/pure_parts_node.mjs", folder]);
      assertEquals(JSON.parse(numbers), await computeInDeno());
    } finally {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  },
});

async function computeInDeno(): Promise<Record<string, unknown> & { logistic: number[] }> {
  const script = "tests/repository/pure_parts_fixture.ts";
  return JSON.parse(await run(Deno.execPath(), ["run", "-q", "--no-prompt", script]));
}

async function run(command: string, args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(command, {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
}

/** Writes a file of lib as a plain ES module: types taken off, `.ts` in imports becomes `.mjs`. */
async function stripTypes(path: string, folder: string): Promise<void> {
  const text = stripTypeScriptTypes(await Deno.readTextFile(join(root, path)))
    .replace(/(from\s+"\.[^"]*)\.ts"/g, '$1.mjs"');
  const target = join(folder, path.replace(/\.ts$/, ".mjs"));
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.writeTextFile(target, text);
}
