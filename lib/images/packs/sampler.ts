import { UserError } from "../../errors/user_error.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** The order in which a run sees its images, known for every step by itself. */
export interface Sampler {
  /** Whole batches in one pass. */
  readonly stepsPerEpoch: number;
  /** The epoch and the images of a step, which is counted from 0 over the whole run. */
  at(step: number): { readonly epoch: number; readonly images: Uint32Array };
}

/**
 * Divides images into batches: every epoch shows each image once, in another order.
 *
 * @param stream The order of epoch e is the permutation at `("order", e)`.
 * @param options images: number of images; batchSize: images per batch; dropLast: leave out the
 *   last, smaller batch of an epoch (other images every time), default true, so that all steps have
 *   one shape.
 * @throws {UserError} Where there are fewer images than a batch takes.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { sampler } from "@hashigo/hashigo/images";
 * const { stepsPerEpoch, at } = sampler(randomStream(0), { images: 10, batchSize: 4 });
 * if (stepsPerEpoch !== 2 || at(3).epoch !== 1) throw new Error("Expected two steps an epoch");
 * ```
 */
export function sampler(
  stream: RandomStream,
  options: {
    readonly images: number;
    readonly batchSize: number;
    readonly dropLast?: boolean | undefined;
  },
): Sampler {
  const { images, batchSize, dropLast = true } = options;
  const stepsPerEpoch = dropLast ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
  if (stepsPerEpoch === 0) {
    throw new UserError(
      `Cannot make batches of ${batchSize}: there are only ${images} images. ` +
        `Use more images, or a batch size of at most ${images}`,
    );
  }
  // Neighbouring steps share an order, so the last one is kept.
  let last = { epoch: -1, order: new Uint32Array() };
  return {
    stepsPerEpoch,
    at(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (last.epoch !== epoch) {
        last = { epoch, order: new Uint32Array(stream.at("order", epoch).permutation(images)) };
      }
      const from = (step % stepsPerEpoch) * batchSize;
      return { epoch, images: last.order.slice(from, from + batchSize) };
    },
  };
}
