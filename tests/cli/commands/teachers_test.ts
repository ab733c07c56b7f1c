import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { teachers } from "../../../lib/cli/commands/teachers.ts";

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runCommand(teachers, args, { output });
  return { status, out, err };
}

Deno.test("the table has a line for every teacher, with equal columns", async () => {
  const { status, out } = await run();
  assertEquals(status, 0);
  const head = out[0] ?? "";
  assertStringIncludes(head, "what it knows");
  const line = out.find((line) => line.startsWith("deeplab_v3_voc"));
  assertStringIncludes(line ?? "", "33 x 33");
  assertEquals(line?.indexOf("21 kinds"), head.indexOf("what it knows"));
});

Deno.test("--json is one list of rows, and names choose from it", async () => {
  const { status, out } = await run("resnet20_cifar10", "--json");
  assertEquals(status, 0);
  assertEquals(out.length, 1);
  const [row, ...others] = JSON.parse(out[0] ?? "[]");
  assertEquals(others, []);
  assertEquals([row.name, row.width, row.grid, row.inputSize, row.licence], [
    "resnet20_cifar10",
    64,
    [8, 8],
    32,
    "BSD-2-Clause",
  ]);
  assert(row.bytes > 1_000_000);
});

Deno.test("a teacher that is fetched says whether it is here", async () => {
  const name = "efficientnet_lite0_imagenet";
  const { out } = await run(name, "--json");
  const [row] = JSON.parse(out[0] ?? "[]");
  assert(row.bytes > 18_000_000, "its weights count, though they do not lie with the package");
  assertEquals(typeof row.isHere, "boolean");
  const said = (await run(name)).out.at(-1) ?? "";
  const expected = row.isHere
    ? /were fetched|HASHIGO_WEIGHTS names/
    : /fetched on first use \(17 MB\)/;
  assert(expected.test(said), said);
  assertEquals((await run("resnet20_cifar10")).out.length, 2);
});

Deno.test("an unknown name is the user's mistake, and the known ones are listed", async () => {
  const { status, err } = await run("cats");
  assertEquals(status, 2);
  assertStringIncludes(err.join(), "Found the unknown teacher cats, expected one of mobilenet_v2");
});
