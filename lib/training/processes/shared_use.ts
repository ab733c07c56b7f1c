/** What all processes of a group used of processors, for the account of their run. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import * as tf from "@tensorflow/tfjs";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { addUse, noUse, type ProcessorUse } from "../../metrics/costs/account.ts";

/** Steps after which processes tell what they used; a run that is left before knows nothing of the others since. */
export const toldEvery = 50;

/** Numbers that each process gives: its machine, and its use. */
const width = 4;

/**
 * The use of all processes but the leader, at each of them. Energy is that of whole processors, so of the processes of
 * one machine only that of the first counts.
 *
 * @param own what this process used since it began with the run
 * @param machine number of its machine, less than 2^24. Default: by its name
 */
export async function useOfOthers(
  { size, allGather }: Pick<ProcessGroup, "size" | "allGather">,
  { processorSeconds, meteredSeconds, joules }: ProcessorUse,
  machine = thisMachine(),
): Promise<ProcessorUse> {
  const told = tf.tensor1d([machine, processorSeconds, meteredSeconds, joules]);
  const all = await allGather(told).finally(() => told.dispose());
  const numbers = await all.data<"float32">();
  all.dispose();
  const machines = Array.from({ length: size }, (_, rank) => numbers[width * rank]);
  return machines.reduce<ProcessorUse>((sum, machine, rank) => {
    if (rank === 0) return sum;
    const [processorSeconds = 0, meteredSeconds = 0, joules = 0] = numbers.slice(
      width * rank + 1,
      width * (rank + 1),
    );
    const isFirst = machines.indexOf(machine) === rank;
    return addUse(sum, { processorSeconds, meteredSeconds, joules: isFirst ? joules : 0 });
  }, noUse);
}

/** A number by the name of this machine, which a float holds exactly. */
function thisMachine(): number {
  let name = "";
  try {
    name = hostname();
  } catch {
    // Without leave to know its name it counts as the machine of all others that have none.
  }
  return createHash("sha256").update(name).digest().readUIntBE(0, 3);
}
