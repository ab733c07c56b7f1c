import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type UpdateBench,
  updateModels,
  updateSetting,
} from "../../../lib/bench/drift/bench_update.ts";
import { updateBenchTable } from "../../../lib/bench/drift/update_table.ts";

/** Accuracies of the three students on an old and the new task, and seconds of the update. */
function benchOf(old: readonly number[], added: readonly number[], seconds: number): UpdateBench {
  const rows = [0, 1].flatMap((seed) =>
    ["k-NN accuracy", "logistic"].flatMap((metric) =>
      updateModels.flatMap((model, i) => [
        { ...{ seed, model, metric }, task: "digits", value: old[i]! + seed },
        { ...{ seed, model, metric }, task: "chest_xray", value: added[i]! + seed },
      ])
    )
  );
  return {
    ...{ setting: updateSetting, oldTasks: ["digits"], newTask: "chest_xray", rows },
    seconds: [0, 1].map(() => ({ old: 90, update: seconds, scratch: 100 })),
    machine: { cpu: "a processor", cores: 2 },
  };
}

Deno.test("differences are paired by seed, and the goal is judged by them", () => {
  const reached = updateBenchTable(benchOf([80, 79.5, 81], [60, 75, 76.5], 20)).join("\n");
  assertStringIncludes(reached, "−0.5");
  assertStringIncludes(reached, "the update takes 20 %");
  assertEquals(reached.match(/: reached/g)?.length, 3);
  const missed = updateBenchTable(benchOf([80, 78.9, 81], [60, 75, 77.5], 21)).join("\n");
  assertEquals(missed.match(/: not reached/g)?.length, 3);
});
