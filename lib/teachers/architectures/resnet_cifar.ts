/**
 * The residual networks for images of 32 pixels (He et al., CVPR 2016, section 4.2).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type FrozenConvolution,
  frozenConvolution,
  frozenParameters,
} from "../../nn/frozen_convolution.ts";
import { UserError } from "../../errors/user_error.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { foldBatchNorm } from "../../weights/torch/torch_tensors.ts";

/** Two 3 x 3 convolutions. */
export type BasicBlock = { readonly first: FrozenConvolution; readonly second: FrozenConvolution };

/** Parameters; blocks are named `stage.index`, both from 0. */
export type ResNetCifarParameters = {
  readonly stem: FrozenConvolution;
  readonly stages: { readonly [stage: string]: { readonly [block: string]: BasicBlock } };
};

/**
 * Computes the last feature map: three stages of 16, 32 and 64 channels, the second and third striding.
 *
 * @param parameters Batch normalisation folded in.
 * @param images `[batch, height, width, 3]`, preprocessed.
 * @returns `[batch, ceil(height / 4), ceil(width / 4), 64]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const teacher = await loadTeacher("resnet20_cifar10");
 * const { patch } = teacher.features(tf.ones([1, 32, 32, 3]));
 * if (patch?.shape.join() !== "1,64,64") throw new Error();
 * ```
 */
export function resNetCifar(parameters: ResNetCifarParameters, images: tf.Tensor4D): tf.Tensor4D {
  let x = frozenConvolution(parameters.stem, images, { activation: "relu" });
  // Keys that are whole numbers come in ascending order.
  for (const stage of Object.values(parameters.stages)) {
    for (const block of Object.values(stage)) x = basicBlock(block, x);
  }
  return x;
}

/** `relu(shortcut(x) + second(relu(first(x))))`; more channels than before mean a stride of 2. */
function basicBlock({ first, second }: BasicBlock, x: tf.Tensor4D): tf.Tensor4D {
  const more = first.weight.shape[3] - first.weight.shape[2];
  const stride = more > 0 ? 2 : 1;
  const options = { stride, activation: "relu", padding: "symmetric" } as const;
  const y = frozenConvolution(second, frozenConvolution(first, x, options));
  return tf.relu(tf.add(y, more > 0 ? shortcut(x, more) : x));
}

/** Every second pixel, and zeros for the new channels, half of them in front: no weights. */
function shortcut(x: tf.Tensor4D, more: number): tf.Tensor4D {
  // Pooling over one pixel subsamples, on every backend.
  const pixels = tf.maxPool(x, 1, 2, "valid");
  return tf.pad(pixels, [[0, 0], [0, 0], [0, 0], [more / 2, more / 2]]);
}

/**
 * Takes parameters from a PyTorch checkpoint with the names `conv1`, `bn1`, `layer1.0.conv1`, ….
 *
 * @throws {UserError} Where tensors are missing or have other shapes.
 *
 * @example
 * ```ts
 * import { resNetCifarParameters } from "./resnet_cifar.ts";
 * let refused = false;
 * try {
 *   resNetCifarParameters(new Map());
 * } catch {
 *   refused = true;
 * }
 * if (!refused) throw new Error("No tensors, no network");
 * ```
 */
export function resNetCifarParameters(
  tensors: ReadonlyMap<string, FloatTensor>,
): ResNetCifarParameters {
  const read = (prefix: string, position: number, [inputs, outputs]: readonly [number, number]) => {
    const names = [`${prefix}conv${position}`, `${prefix}bn${position}`] as const;
    const { weight, bias } = foldBatchNorm(tensors, names[0], { normalization: names[1] });
    const expected = [3, 3, inputs, outputs];
    if (weight.shape.join() !== expected.join()) {
      throw new UserError(
        `Cannot read the network as a ResNet for CIFAR: found the weight "${names[0]}" as ` +
          `[${weight.shape}], expected [${expected}]. Choose the family that the file belongs to`,
      );
    }
    return frozenParameters(weight, bias.data);
  };
  const stem = read("", 1, [3, 16]);
  const stages = [16, 32, 64].map((width, stage) => {
    const blocks = Array.from({ length: countBlocks(tensors, stage) }, (_, block) => {
      const prefix = `layer${stage + 1}.${block}.`;
      const inputs = block === 0 && stage > 0 ? width / 2 : width;
      return { first: read(prefix, 1, [inputs, width]), second: read(prefix, 2, [width, width]) };
    });
    return Object.fromEntries(blocks.entries());
  });
  return { stem, stages: Object.fromEntries(stages.entries()) };
}

function countBlocks(tensors: ReadonlyMap<string, FloatTensor>, stage: number): number {
  let count = 1;
  while (tensors.has(`layer${stage + 1}.${count}.conv1.weight`)) count++;
  return count;
}
