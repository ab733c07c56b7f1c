import { assertEquals, assertStringIncludes } from "@std/assert";
import { defineCommand } from "../../lib/cli/command.ts";
import { runCommand } from "../../lib/cli/run_command.ts";
import { UserError } from "../../lib/errors/user_error.ts";

let seen: unknown;

const sample = defineCommand({
  name: "sample",
  group: "use",
  summary: "Shows its arguments",
  example: "recipe.ts --set a=1 --set b=2",
  positionals: ["RECIPE"],
  options: {
    run: { type: "text", value: "FOLDER", summary: "the run folder" },
    resume: { type: "flag", summary: "resumes" },
    steps: { type: "number", value: "N", summary: "how many" },
    set: { type: "list", value: "KEY=VALUE", summary: "changes the recipe", commas: "kept" },
    metric: { type: "list", value: "METRIC", summary: "what is measured" },
  },
  run: ({ options, positionals, say, progress, emit }) => {
    // These assignments check the inferred types.
    const run: string | undefined = options.run;
    const resume: boolean = options.resume;
    const steps: number | undefined = options.steps;
    const { set, metric }: { set: readonly string[]; metric: readonly string[] } = options;
    seen = { run, resume, steps, set, metric, positionals };
    if (options.run === "bad") throw new UserError("Cannot open bad: no such folder");
    if (options.run === "worse") throw new TypeError("a defect");
    say("for people");
    progress("half-way");
    emit({ answer: 42 });
    return options.run === "seven" ? 7 : undefined;
  },
});

async function trial(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommand(sample, args, {
    output: { out: (line) => out.push(line), err: (line) => err.push(line) },
    program: "hashigo",
  });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("options and positionals arrive typed", async () => {
  const { status } = await trial(
    ...["007", "--run", "x", "--steps=3.5", "--set", "a=1", "--set=b=2", "--resume"],
  );
  assertEquals(status, 0);
  assertEquals(seen, {
    ...{ run: "x", resume: true, steps: 3.5, set: ["a=1", "b=2"], positionals: ["007"] },
    metric: [],
  });
  await trial("r.ts");
  assertEquals(seen, {
    ...{ run: undefined, resume: false, steps: undefined, set: [], positionals: ["r.ts"] },
    metric: [],
  });
});

Deno.test("lists are repeated or joined by commas, unless a comma belongs to the values", async () => {
  const args = ["r.ts", "--metric", "knn,logistic", "--metric", "a\\,b", "--set", "sizes=1,2"];
  assertEquals((await trial(...args)).status, 0);
  const { metric, set } = seen as { metric: string[]; set: string[] };
  assertEquals(metric, ["knn", "logistic", "a,b"]);
  assertEquals(set, ["sizes=1,2"]);
});

Deno.test("without --json people's lines go to standard output", async () => {
  assertEquals(await trial("r.ts"), { status: 0, out: "for people", err: "half-way" });
});

Deno.test("--json leaves only JSON on standard output", async () => {
  const { status, out, err } = await trial("r.ts", "--json");
  assertEquals([status, out, err], [0, '{"answer":42}', "for people\nhalf-way"]);
});

Deno.test("--help names every option and the example, and runs nothing", async () => {
  seen = "untouched";
  const { status, out } = await trial("--help");
  assertEquals([status, seen], [0, "untouched"]);
  for (const part of ["RECIPE", "--run FOLDER", "--resume", "--steps N", "--json", "a=1 --set b"]) {
    assertStringIncludes(out, part);
  }
  assertStringIncludes(out, "Usage: hashigo sample RECIPE [options]");
  assertStringIncludes(out, "Example: hashigo sample recipe.ts");
});

const mistakes: [args: string[], message: string][] = [
  [["r.ts", "--rnu", "x"], "Found the unknown option --rnu, expected one of --run, --resume"],
  [["r.ts", "-x"], "Found the unknown option -x"],
  [["r.ts", "--steps", "many"], "Found --steps many, expected a number"],
  [["r.ts", "--run"], "Found --run without a value, expected --run FOLDER"],
  [["r.ts", "--set"], "Found --set without a value"],
  [["r.ts", "--set"], ". See hashigo sample --help"],
  [["r.ts", "--metric", "knn,"], "Found --metric without a value"],
  [[], "Found nothing, expected RECIPE"],
  [["a", "b"], "Found the surplus argument b, expected only RECIPE"],
  [["r.ts", "--run", "bad"], "error: Cannot open bad: no such folder"],
];
for (const [args, message] of mistakes) {
  Deno.test(`the user's mistake leaves with status 2: sample ${args.join(" ")}`, async () => {
    const { status, out, err } = await trial(...args);
    assertEquals([status, out], [2, ""]);
    assertStringIncludes(err, message);
    assertEquals(err.includes("    at "), false, "no stack trace");
  });
}

Deno.test("a defect shows its stack and leaves with status 1", async () => {
  const { status, err } = await trial("r.ts", "--run", "worse");
  assertEquals(status, 1);
  assertStringIncludes(err, "    at ");
});

Deno.test("the command's own status is passed on", async () => {
  assertEquals((await trial("r.ts", "--run", "seven")).status, 7);
});

async function interrupted(interrupt: "exit" | "signal") {
  const source = `
    import { defineCommand } from ${
    JSON.stringify(import.meta.resolve("../../lib/cli/command.ts"))
  };
    import { runInterruptibly } from ${
    JSON.stringify(import.meta.resolve("../../lib/cli/run_command.ts"))
  };
    Deno.exit(await runInterruptibly(defineCommand({
      name: "wait", group: "use", summary: "", example: "", interrupt: "${interrupt}",
      run: ({ signal, say }) => new Promise((resolve) => {
        setTimeout(() => resolve(), 30_000);
        signal.addEventListener("abort", () => { say("saved"); resolve(); });
        say("ready");
      }),
    }), []));`;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, source);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--config", config, script],
    ...{ stdout: "piped", stderr: "inherit" } as const,
  }).spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (chunk.includes("ready")) child.kill("SIGINT");
    text += chunk;
  }
  await Deno.remove(script);
  return { code: (await child.status).code, text };
}

Deno.test("an interrupt leaves with 130, at once or after the command has finished", async () => {
  assertEquals(await interrupted("exit"), { code: 130, text: "ready\n" });
  assertEquals(await interrupted("signal"), { code: 130, text: "ready\nsaved\n" });
});

Deno.test("what a command throws after an interrupt is no failure of its own: status 130", async () => {
  const controller = new AbortController();
  const stopped = defineCommand({
    ...{ name: "stopped", group: "use", summary: "Stops", example: "" },
    run: () => {
      controller.abort();
      throw new Error("in the middle");
    },
  });
  const err: string[] = [];
  const output = { out: () => {}, err: (line: string) => void err.push(line) };
  const status = await runCommand(stopped, [], { output, signal: controller.signal });
  assertEquals([status, err], [130, ["stopping; another interrupt ends it at once"]]);
});
