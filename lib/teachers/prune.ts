/** Sets the smallest weights of a frozen network to zero. */
import * as tf from "@tensorflow/tfjs";
import { pruneSmallest } from "../metrics/representation/magnitude_pruning.ts";
import { fromNamedTensors, namedTensors } from "../tensors/parameters.ts";
import type { Backbone } from "./backbone.ts";

/**
 * Copies a network, with the smallest weights of every matrix and filter set to zero. Biases, norms,
 * tokens and positions stay. Where norms are folded into filters, the folded filters are pruned. Dispose
 * of the copy when done; the original stays.
 *
 * @param share Part of the weights of each layer that becomes zero, from 0 to 1.
 * @returns Undefined where the network does not take other parameters.
 * @source UNIC section 4.2 and figures 6 and A (left). Whether the paper prunes by layer or over the
 * whole network is not stated; by layer is the convention of unstructured pruning.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * import { pruneBackbone } from "@hashigo/hashigo/teachers";
 * import { namedTensors } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const teacher = await loadTeacher("resnet20_cifar10");
 * const pruned = await pruneBackbone(teacher, 1);
 * const tensors = new Map(namedTensors(pruned?.parameters ?? {}));
 * const weight = tensors.get("stages.0.convolution.weight")!;
 * if ((await weight.data()).some((value) => value !== 0)) throw new Error("Nothing is left");
 * pruned?.dispose();
 * teacher.dispose();
 * ```
 */
export async function pruneBackbone(
  teacher: Backbone,
  share: number,
): Promise<Backbone | undefined> {
  if (teacher.parameters === undefined || teacher.withParameters === undefined) return undefined;
  const changed: [string, tf.Tensor][] = [];
  for (const [name, tensor] of namedTensors(teacher.parameters)) {
    const pruned = name.endsWith("weight") && tensor.rank >= 2
      ? tf.tensor(pruneSmallest(await tensor.data<"float32">(), share), tensor.shape)
      : tf.clone(tensor);
    changed.push([name, pruned]);
  }
  return teacher.withParameters(fromNamedTensors(changed));
}
