/** `soak`: a distillation of thousands of steps, whose memory must not grow. */
import recipe from "../../../recipes/tiny_test.ts";
import { duration } from "../../io/duration.ts";
import { applyOverrides } from "../../recipe/overrides.ts";
import { distill } from "../../training/distill.ts";
import { startEngine } from "../../engine/backend.ts";
import { UserError } from "../../errors/user_error.ts";
import { defineCommand } from "../../cli/command.ts";
import { growth } from "./growth.ts";
import { processorText, recordLines } from "../../cli/recording.ts";

/** Percent that resident memory may grow by. */
const limit = 2;
/**
 * Updates between two samples. Garbage is collected before each: uncollected garbage is no leak, and
 * the collector leaves tens of megabytes for thousands of steps.
 */
const every = 20;

/** The command, as a value. */
export const soak = defineCommand({
  name: "soak",
  group: "maintain",
  summary: "Distils for thousands of tiny steps, in which memory must stay flat",
  details: "Checkpoints are written too. Resident memory, after garbage collection, may grow by " +
    `${limit} % at\nmost, and no tensor may stay behind. 2000 steps take a few minutes.`,
  example: "--steps 500",
  interrupt: "signal",
  options: {
    steps: { type: "number", value: "N", summary: "updates, default 2000, at least 400" },
    record: { type: "flag", summary: "also keeps the result in data/results" },
  },
  run: async ({ options, signal, say, progress, emit }) => {
    const { steps = 2000 } = options;
    if (!Number.isSafeInteger(steps) || steps < 400) {
      throw new UserError(`Found --steps ${steps}, expected a whole number from 400`);
    }
    const engine = await startEngine();
    const before = engine.liveTensors();
    const folder = await Deno.makeTempDir({ prefix: "hashigo" });
    const resident: number[] = [];
    let highest = 0;
    const begun = performance.now();
    try {
      const long = applyOverrides(recipe, [`optimization.steps=${steps}`, "checkpoint.every=100"]);
      for await (
        const { step, secondsLeft } of distill(long, { folder: `${folder}/run`, signal })
      ) {
        if (step % every !== 0) continue;
        const uncollected = residentBytes();
        collectGarbage();
        resident.push(residentBytes());
        highest = Math.max(highest, uncollected);
        if (step % 100 !== 0) continue;
        const used = megabytes(resident.at(-1)!);
        progress(`${step} of ${steps} steps, ${used}, ${duration(secondsLeft)} left`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    if (signal.aborted) return 130;
    const { early, late, percent } = growth(resident);
    const tensors = engine.liveTensors() - before;
    const lines = [
      `${steps} steps, ${Math.floor(steps / 100)} checkpoints`,
      `resident memory in the fourth tenth of the steps ${megabytes(early)}, ` +
      `in the last ${megabytes(late)}: ${percent.toFixed(1)} %`,
      `highest with garbage of ${every} steps: ${megabytes(highest)}`,
      `tensors left behind: ${tensors}`,
      `${processorText()}, ` +
      duration((performance.now() - begun) / 1000),
    ];
    for (const line of lines) say(line);
    emit({ steps, early, late, percent, highest, tensors });
    if (options.record) {
      await recordLines("soak", lines, `deno task soak --steps ${steps} --record`);
    }
    return percent <= limit && tensors === 0 ? 0 : 1;
  },
});

const residentBytes = () => Deno.memoryUsage().rss;

function collectGarbage(): void {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) throw new UserError("Run this as `deno task soak`, which exposes `gc`");
  gc();
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
