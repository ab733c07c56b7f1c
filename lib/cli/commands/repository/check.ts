/** `check`: everything that must hold before a change is merged, in one command. */
import configuration from "../../../../deno.json" with { type: "json" };
import { checkoutPath } from "../../checkout.ts";
import { defineCommand } from "../../command.ts";
import { sources, typesHold } from "./check_types.ts";
import { packageProblem, packageSize, slowTypes } from "./package_report.ts";

type Say = (line: string) => void;

/** One check: a Deno command, or several. */
interface Check {
  readonly name: string;
  /** Left out by `--quick`; done only with `--long`. Default: always done. */
  readonly when?: "not quick" | "long";
  passes(say: Say): Promise<boolean>;
}

const checks: readonly Check[] = [
  { name: "format", passes: () => deno("fmt", "--check") },
  { name: "lint", passes: () => deno("lint", ...sources) },
  { name: "types", passes: () => typesHold(sources) },
  { name: "documentation", passes: documentationPasses },
  { name: "package", passes: packagePasses },
  {
    name: "tests (import direction among them)",
    when: "not quick",
    passes: () => deno("task", "test"),
  },
  { name: "torture", when: "long", passes: () => deno("task", "torture") },
  { name: "soak", when: "long", passes: () => deno("task", "soak") },
];

/** The command, as a value. */
export const check = defineCommand({
  name: "check",
  group: "maintain",
  summary: "Checks format, lint, types, documentation and the package, then runs the tests",
  example: "--quick",
  options: {
    quick: { type: "flag", summary: "all but the tests" },
    long: { type: "flag", summary: "also what takes minutes: torture and soak" },
  },
  run: async ({ options, say, emit }) => {
    const failed: string[] = [];
    for (const { name, when, passes } of checks) {
      if (when === "not quick" && options.quick || when === "long" && !options.long) continue;
      say(`— ${name}`);
      const ok = await passes(say);
      if (!ok) failed.push(name);
      emit({ name, ok });
    }
    say(failed.length === 0 ? "all checks pass" : `failed: ${failed.join(", ")}`);
    return failed.length === 0 ? 0 : 1;
  },
});

async function deno(...args: string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: checkoutPath() }).spawn();
  return (await child.status).success;
}

async function denoOutput(...args: string[]): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: checkoutPath(),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Every entry point is documented; tfjs documents the tensors that public functions take and return. */
async function documentationPasses(say: Say): Promise<boolean> {
  const { success, text } = await denoOutput(
    "doc",
    "--lint",
    ...entryPoints(configuration.exports),
  );
  const errors = text.split(/\n(?=error\[)/).filter((error) => error.startsWith("error["));
  const complaints = errors.filter((error) => !error.startsWith("error[private-type-ref]"));
  complaints.forEach(say);
  if (!success && errors.length === 0) say(text);
  return success || errors.length > 0 && complaints.length === 0;
}

/** Files of the package's entry points. */
function entryPoints(exports: string | Readonly<Record<string, string>>): string[] {
  return typeof exports === "string" ? [exports] : Object.values(exports);
}

/** The package as the registry takes it: small, and without slow types but those of schemas. */
async function packagePasses(say: Say): Promise<boolean> {
  const publish = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
  const { success, text } = await denoOutput(...publish, "--allow-slow-types");
  const size = packageSize(text);
  if (!success) say(text);
  else say(`${size.files} files, ${(size.bytes / 1e6).toFixed(1)} MB`);
  const slow = slowTypes((await denoOutput(...publish)).text);
  const problems = [packageProblem(size), ...slow.map((place) => `slow type: ${place}`)]
    .filter((problem) => problem !== undefined);
  problems.forEach(say);
  return success && problems.length === 0;
}
