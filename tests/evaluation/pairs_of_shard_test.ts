/** Which part measures which model on which task. */
import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { pairsOfShard } from "../../lib/evaluation/pairs_of_shard.ts";

const models = ["student", "teacher", "pixels"], tasks = ["digits", "cats"];

Deno.test("parts hold consecutive pairs, and each once", () => {
  const part = (part: number) => pairsOfShard(models, tasks, { shard: { part, of: 4 } });
  assertEquals([1, 2, 3, 4].map(part), [
    [["student", ["digits"]]],
    [["student", ["cats"]], ["teacher", ["digits"]]],
    [["teacher", ["cats"]]],
    [["pixels", ["digits", "cats"]]],
  ]);
  assertEquals(pairsOfShard(models, tasks, {}), models.map((model) => [model, tasks] as const));
});

Deno.test("a model that is read out is in one part with all tasks", () => {
  const part = (part: number) =>
    pairsOfShard(models, tasks, { shard: { part, of: 2 }, readout: "chosen" });
  assertEquals([1, 2].map(part), [
    [["student", tasks]],
    [["teacher", tasks], ["pixels", tasks]],
  ]);
});

Deno.test("more parts than there are pairs, or models, are refused", () => {
  const shard = { part: 1, of: 7 };
  assertThrows(() => pairsOfShard(models, tasks, { shard }), UserError, "found 6 pairs");
  assertEquals(pairsOfShard(models, tasks, { shard: { part: 1, of: 6 } }).length, 1);
  assertThrows(
    () => pairsOfShard(models, tasks, { shard: { part: 1, of: 4 }, readout: "chosen" }),
    UserError,
    "found 3 models",
  );
});
