/** `deno task check`: everything that must hold before a change is merged, in one command. */
import { defineCommand, main } from "./command.ts";

const sources = ["mod.ts", "lib", "recipes", "tests", "vendor"];

const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint", ...sources] },
  { name: "types", args: ["check", "--doc", ...sources] },
  { name: "documentation", args: ["doc", "--lint", "mod.ts"] },
  { name: "tests (import direction among them)", args: ["task", "test"] },
];

export const check = defineCommand({
  name: "check",
  summary: "Format, lint, types, documentation, import direction and tests",
  example: "deno task check",
  options: { quick: { type: "flag", summary: "all but the tests" } },
  run: async ({ options, say, emit }) => {
    const failed: string[] = [];
    for (const { name, args } of checks) {
      if (options.quick && args.includes("test")) continue;
      say(`— ${name}`);
      const { code } = await new Deno.Command(Deno.execPath(), {
        args: [...args],
        stdout: args[0] === "doc" ? "null" : "inherit",
        stderr: "inherit",
      }).spawn().status;
      if (code !== 0) failed.push(name);
      emit({ name, ok: code === 0 });
    }
    say(failed.length === 0 ? "all checks pass" : `failed: ${failed.join(", ")}`);
    return failed.length === 0 ? 0 : 1;
  },
});

if (import.meta.main) await main(check);
