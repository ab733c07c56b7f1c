import { assertEquals, assertStringIncludes } from "@std/assert";
import configuration from "../../deno.json" with { type: "json" };
import { catalogue, runProgram } from "../../lib/cli/main.ts";

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const status = await runProgram(args, output);
  return { status, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("the catalogue has the names, groups and summaries of the commands themselves", async () => {
  for (const [key, { group, summary, load }] of Object.entries(catalogue)) {
    const command = await load();
    assertEquals([key, group, summary], [command.name, command.group, command.summary]);
    assertEquals(summary.includes("\n"), false, `${key} has one line`);
  }
});

Deno.test("every command is a task that runs it, described by its summary", () => {
  const tasks: Record<string, { description: string; command: string }> = configuration.tasks;
  assertEquals(Object.keys(tasks), ["help", ...Object.keys(catalogue)]);
  for (const [name, { summary }] of Object.entries(catalogue)) {
    const { description, command = "" } = tasks[name] ?? {};
    assertEquals(description, summary);
    const [, set = ""] = /^deno run -q --no-prompt -P=(\w+) .*\blib\/cli\/main\.ts [\w-]+$/
      .exec(command) ?? [];
    assertEquals(command.endsWith(` ${name}`), true, command);
    assertEquals(set in configuration.permissions, true, command);
  }
});

Deno.test("help lists every command with its summary, by purpose", async () => {
  for (const args of [[], ["help"], ["--help"], ["-h"]]) {
    const { status, out } = await run(...args);
    assertEquals(status, 0);
    let last = -1;
    for (const word of ["Distil\n", "Measure\n", "Use\n", "Reproduce\n", "Maintain\n"]) {
      const place = out.indexOf(`\n${word}`);
      assertEquals(place > last, true, word);
      last = place;
    }
    for (const [name, { summary }] of Object.entries(catalogue)) {
      assertStringIncludes(out, `  ${name} `);
      assertStringIncludes(out, summary);
    }
  }
});

Deno.test("help COMMAND is COMMAND --help", async () => {
  const { status, out } = await run("help", "teachers");
  assertEquals(status, 0);
  assertEquals(out, (await run("teachers", "--help")).out);
  assertStringIncludes(out, "Example: ");
});

Deno.test("an unknown command leaves with status 2, and the nearest one is named", async () => {
  const { status, out, err } = await run("distil", "r.ts");
  assertEquals([status, out], [2, ""]);
  assertStringIncludes(err, 'There is no command "distil". Did you mean distill?');
  assertEquals((await run("help", "toString")).status, 2);
});

Deno.test("--version names the package's version", async () => {
  const { status, out } = await run("--version");
  assertEquals(status, 0);
  assertStringIncludes(out, configuration.version);
});
