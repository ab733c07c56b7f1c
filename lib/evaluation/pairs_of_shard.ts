/** Which pairs of a model and a task one of several processes measures, where they do not speak to each other. */
import { UserError } from "../errors/user_error.ts";
import { blockOfShard, type Shard } from "../io/shard.ts";
import type { ReadoutRequest } from "./readout/read_model.ts";

/**
 * Models, each with the tasks on which a part measures it: consecutive pairs, model by model and task by task, whatever
 * is measured already, so that processes which are given the same models and tasks never measure a pair twice.
 *
 * @param options shard: the part, default all; readout: how features are read, default as they are. Otherwise a model
 * is in one part with all its tasks, on which its readout is chosen.
 * @throws {UserError} where there are fewer pairs, or models, than parts
 *
 * @example
 * ```ts
 * import { pairsOfShard } from "./pairs_of_shard.ts";
 * const shard = { part: 2, of: 2 };
 * const pairs = pairsOfShard(["student", "pixels"], ["digits", "cats"], { shard });
 * if (pairs.flat(2).join() !== "pixels,digits,cats") throw new Error("Expected the second half");
 * ```
 */
export function pairsOfShard<M, T>(
  models: readonly M[],
  tasks: readonly T[],
  { shard, readout = "as_is" }: {
    readonly shard?: Shard | undefined;
    readonly readout?: ReadoutRequest | undefined;
  },
): (readonly [model: M, tasks: readonly T[]])[] {
  const whole = models.map((model) => [model, tasks] as const);
  if (shard === undefined) return whole;
  const units = readout === "as_is"
    ? models.flatMap((model) => tasks.map((task) => [model, [task]] as const))
    : whole;
  if (units.length < shard.of) {
    const things = readout === "as_is"
      ? "pairs of a model and a task"
      : "models, each of which is read out by one part";
    throw new UserError(
      `Cannot part the evaluation into ${shard.of}: found ${units.length} ${things}, expected one for each part ` +
        "at least. Choose fewer parts",
    );
  }
  const { from, to } = blockOfShard(units.length, shard);
  const own = Map.groupBy(units.slice(from, to), ([model]) => model);
  return [...own].map(([model, pairs]) => [model, pairs.flatMap(([, tasks]) => tasks)]);
}
