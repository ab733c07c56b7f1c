/** `deno task check`: everything that must hold before a change is merged, in one command. */
import { defineCommand } from "../command.ts";

const sources = ["mod.ts", "lib", "recipes", "tests", "vendor"];

/** One check: a Deno command, and what of its complaints does not count. */
interface Check {
  readonly name: string;
  readonly args: readonly string[];
  /** Complaints of this kind are passed over. */
  readonly except?: RegExp;
}

const checks: readonly Check[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint", ...sources] },
  { name: "types", args: ["check", "--doc", ...sources] },
  // Public functions take and give tfjs's tensors, which tfjs documents and we do not export.
  {
    name: "documentation",
    args: ["doc", "--lint", "mod.ts"],
    except: /^error\[private-type-ref\]/,
  },
  { name: "tests (import direction among them)", args: ["task", "test"] },
];

export const check = defineCommand({
  name: "check",
  group: "maintain",
  summary: "Format, lint, types, documentation, import direction and tests",
  example: "",
  options: { quick: { type: "flag", summary: "all but the tests" } },
  run: async ({ options, say, emit }) => {
    const failed: string[] = [];
    for (const one of checks) {
      if (options.quick && one.args.includes("test")) continue;
      say(`— ${one.name}`);
      const ok = await passes(one, say);
      if (!ok) failed.push(one.name);
      emit({ name: one.name, ok });
    }
    say(failed.length === 0 ? "all checks pass" : `failed: ${failed.join(", ")}`);
    return failed.length === 0 ? 0 : 1;
  },
});

async function passes({ args, except }: Check, say: (line: string) => void): Promise<boolean> {
  if (except === undefined) {
    const child = new Deno.Command(Deno.execPath(), { args: [...args] }).spawn();
    return (await child.status).success;
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const complaints = new TextDecoder().decode(stderr).split(/\n(?=error\[)/)
    .filter((text) => text.startsWith("error[") && !except.test(text));
  complaints.forEach((text) => say(text));
  return success || complaints.length === 0;
}
