import { assertEquals, assertStringIncludes } from "@std/assert";
import { explainFailure } from "../../lib/cli/error_text.ts";
import { catalogue } from "../../lib/cli/main.ts";
import { permissionsOf, version } from "../../lib/cli/program.ts";
import configuration from "../../deno.json" with { type: "json" };

const command = { name: "distill", args: ["recipe.ts", "--resume"], program: "deno task" };

Deno.test("a defect says what to report: version, command and every stack", () => {
  const error = new TypeError("a is not a function", { cause: new RangeError("below") });
  const { text, status } = explainFailure(error, command);
  assertEquals(status, 1);
  assertStringIncludes(text, "error: TypeError: a is not a function\n");
  assertStringIncludes(text, "Please report it");
  assertStringIncludes(text, `hashigo ${version}, Deno ${Deno.version.deno}`);
  assertStringIncludes(text, "command: deno task distill recipe.ts --resume");
  assertStringIncludes(text, "caused by RangeError: below");
  assertEquals((text.match(/error_text_test\.ts/g) ?? []).length >= 2, true);
});

Deno.test("errors of the system have a next step and no stack", async () => {
  const refusals: readonly [() => unknown, string][] = [
    [() => Deno.readTextFile("/none/file"), "'/none/file'. Check the path"],
    [() => Deno.mkdir("/dev/null/x"), "A file is in the way"],
    [() => Deno.readTextFile("x".repeat(5000)), "Choose a shorter name"],
    [() => Promise.reject(new Deno.errors.PermissionDenied("no")), "Change its permissions"],
    [() => Promise.reject(new RangeError("Array buffer allocation failed")), "not enough memory"],
  ];
  for (const [run, part] of refusals) {
    const error = await Promise.resolve(run()).catch((error) => error);
    if (Deno.build.os === "windows" && !String(error).includes("memory")) continue;
    const { text, status } = explainFailure(error, command);
    assertEquals(status, 2, text);
    assertStringIncludes(text, part);
    assertEquals(text.includes("\n"), false, text);
  }
});

Deno.test({
  name: "a missing permission names the flag and the set of the task",
  permissions: { net: false },
  async fn() {
    const error = await fetch("http://localhost:9999").catch((error) => error);
    const task = explainFailure(error, command);
    assertEquals(task.status, 2);
    assertStringIncludes(task.text, "-P=distill");
    assertStringIncludes(task.text, "deno run -P=distill --allow-net lib/cli/main.ts distill");
    const { text } = explainFailure(error, { ...command, program: "hashigo" });
    assertStringIncludes(
      text,
      "Allow it with --allow-net, or start it in a clone as deno task distill",
    );
  },
});

Deno.test("every command's task has a set of permissions", () => {
  for (const name of Object.keys(catalogue)) {
    assertEquals(permissionsOf(name) in configuration.permissions, true, name);
  }
});
