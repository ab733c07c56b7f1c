/** `test`: every test and every documented example, closing on one line of counts. */
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { checkoutPath } from "../../checkout.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { sources, typesHold } from "./check_types.ts";
import { groupParts, recordedSeconds, suiteParts } from "./test_groups.ts";

/**
 * Seconds are few, so that processes end together, and yet many beside the start of a process. ONNX Runtime 1.30
 * searches the command line of its process by a regular expression, which overflows the stack beyond about 7,000
 * characters.
 */
const groupLimits = { seconds: 30, characters: 5000 };

const summaryLine = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \| (\d+) ignored)?/g;

/** The command, as a value. */
export const test = defineCommand({
  name: "test",
  group: "maintain",
  summary: "Runs all tests and the examples of the documentation",
  details:
    "Types are checked first. The suite runs in groups, three at a time, FILES one after the other.",
  example: "tests/method/projectors/ladder_test.ts",
  positionals: ["[FILE...]"],
  options: {
    filter: { type: "text", value: "TEXT", summary: "only tests whose name contains TEXT" },
    processes: { type: "number", value: "N", summary: "that run side by side, default 3" },
    record: {
      type: "flag",
      summary: "also records how long each file takes, by which groups are made",
    },
  },
  run: async ({ options, positionals, say, emit }) => {
    // One more than two cores: processes wait for files, other processes and timers, too.
    const { filter, processes = 3, record } = options;
    if (!Number.isInteger(processes) || processes < 1) {
      throw new UsageError(`Found --processes ${processes}, expected a whole number from 1`);
    }
    if (record && (positionals.length > 0 || filter !== undefined)) {
      throw new UsageError("Found --record with FILES or --filter, expected the whole suite");
    }
    // Once for all processes.
    if (!await typesHold(positionals.length > 0 ? positionals : sources)) {
      say("0 passed, 1 failed, 0 skipped: types do not hold");
      return 1;
    }
    const given = positionals.map((path) => ({ path, seconds: 0 })), whole = given.length === 0;
    const groups = groupParts(whole ? await suiteParts(checkoutPath()) : given, groupLimits);
    const cache = `${checkoutPath()}/.cache`;
    await Deno.mkdir(cache, { recursive: true });
    const kept = await Deno.makeTempDir({ dir: cache, prefix: "compiled_" });
    const outcomes = await runGroups(groups, whole ? processes : 1, { filter, kept })
      .finally(() => Deno.remove(kept, { recursive: true }));
    if (record) {
      const path = fileURLToPath(new URL("./test_seconds.json", import.meta.url));
      const seconds = recordedSeconds(outcomes.map(({ output }) => output).join("\n"));
      await writeFileAtomic(path, JSON.stringify(seconds, null, 2) + "\n");
    }
    const total = (name: "passed" | "failed" | "skipped") =>
      outcomes.reduce((sum, outcome) => sum + outcome[name], 0);
    const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")];
    emit({ passed, failed, skipped });
    say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return outcomes.every(({ ok }) => ok) && passed > 0 ? 0 : 1;
  },
});

interface ProcessOutcome {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
}

/** How tests are run. */
interface TestOptions {
  readonly filter: string | undefined;
  /** Folder in which XLA keeps what it compiled: many processes compile the same few functions. */
  readonly kept: string;
}

/** Runs groups of tests, so many at a time: whoever is done takes the next. */
async function runGroups(
  groups: readonly string[][],
  atOnce: number,
  options: TestOptions,
): Promise<ProcessOutcome[]> {
  const outcomes: ProcessOutcome[] = [], left = groups.values();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const paths of left) outcomes.push(await runProcess(paths, options));
  }));
  return outcomes;
}

/** Runs tests in one process. Its lines appear file by file, so that processes do not mix theirs. */
async function runProcess(
  paths: readonly string[],
  { filter, kept }: TestOptions,
): Promise<ProcessOutcome> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--allow-all",
      "--no-check",
      "--doc",
      "--quiet",
      ...filter === undefined ? [] : ["--filter", filter],
      ...paths,
    ],
    cwd: checkoutPath(),
    env: { NO_COLOR: "1", TF_XLA_FLAGS: `--tf_xla_persistent_cache_directory=${kept}` },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "", pending = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    pending += text;
    const next = pending.lastIndexOf("\nrunning ") + 1;
    await print(pending.slice(0, next));
    pending = pending.slice(next);
  }
  await print(pending);
  const { code } = await child.status;
  const [, passed = 0, failed = 0, skipped = 0] = [...output.matchAll(summaryLine)].at(-1) ?? [];
  return { ok: code === 0, passed: +passed, failed: +failed, skipped: +skipped, output };
}

async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
}
