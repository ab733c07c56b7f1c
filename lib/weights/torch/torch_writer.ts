/**
 * Writes checkpoints that PyTorch reads: `torch.load(path, weights_only=True)`.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { encodePickle, type TorchTree } from "./pickle_writer.ts";
import { assertShape } from "../host_tensor.ts";
import { encodeStoredZip, type StoredEntry } from "../stored_zip.ts";
import { MAXIMUM_TENSORS } from "./tensor_tree.ts";

export type { TorchTree } from "./pickle_writer.ts";

/**
 * Encodes a checkpoint of PyTorch in the zip layout: a `dict` of texts, numbers (whole ones as
 * `int`), float32 tensors and further dictionaries. Equal trees give equal bytes.
 *
 * @throws {RangeError} Where a tensor's shape does not match the count of its numbers.
 * @throws {UserError} Where the file would be larger than 4 GB, or has more than 25,000 tensors.
 *
 * @example
 * ```ts
 * import { bytesSource, checkpointFrom, encodeTorchCheckpoint } from "@hashigo/hashigo/weights";
 * const weight = { shape: [1, 2], data: Float32Array.of(1, 2) };
 * const bytes = encodeTorchCheckpoint({ epoch: 7, state_dict: { "head.weight": weight } });
 * using file = checkpointFrom(bytesSource(bytes));
 * if (file.read("head.weight")[1] !== 2) throw new Error();
 * ```
 */
export function encodeTorchCheckpoint(tree: TorchTree): Uint8Array<ArrayBuffer> {
  const pieces = [...torchCheckpointPieces(tree)];
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * The bytes of {@linkcode encodeTorchCheckpoint} piece by piece, so that a checkpoint is not in
 * memory twice. A piece may be a view of the numbers of a tensor.
 *
 * @example
 * ```ts
 * import { torchCheckpointPieces } from "./torch_writer.ts";
 * const bias = { shape: [3], data: new Float32Array(3) };
 * let size = 0;
 * for (const piece of torchCheckpointPieces({ bias })) size += piece.length;
 * if (size < 12) throw new Error();
 * ```
 */
export function* torchCheckpointPieces(tree: TorchTree): Generator<Uint8Array> {
  const { bytes, tensors } = encodePickle(tree);
  if (tensors.length > MAXIMUM_TENSORS) {
    throw new UserError(
      `Cannot write a checkpoint of ${tensors.length} tensors: expected at most ${MAXIMUM_TENSORS}. ` +
        "Divide it into several",
    );
  }
  const text = (name: string, content: string): StoredEntry => {
    return { name: `archive/${name}`, bytes: new TextEncoder().encode(content) };
  };
  yield* encodeStoredZip([
    { name: "archive/data.pkl", bytes },
    text("byteorder", "little"),
    ...tensors.map((tensor, i) => {
      assertShape(tensor, `tensor ${i}`);
      const { buffer, byteOffset, byteLength } = tensor.data;
      return { name: `archive/data/${i}`, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
    }),
    text("version", "3\n"),
  ]);
}
