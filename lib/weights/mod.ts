/**
 * Files of weights of any origin: opened without executing anything, tensors read in place, every claim checked.
 *
 * @module
 */

// Any file
export {
  type CheckpointFile,
  checkpointFrom,
  type CheckpointOptions,
  openCheckpoint,
} from "./checkpoint_file.ts";
export { assertFiniteWeights } from "./assert_finite_weights.ts";

// Where bytes come from
export { type ByteSource, bytesSource, fileSource } from "./byte_source.ts";
export { type FileIdentity, readVerifiedFile } from "./verified_file.ts";

// safetensors
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type Safetensors,
  type StoredTensor,
  writeSafetensors,
} from "./safetensors/safetensors.ts";
export type { FloatTensor, HostTensor } from "./host_tensor.ts";
export type { ElementType, TensorData } from "./element_types.ts";

// PyTorch
export { foldBatchNorm, readTorchTensors, tensorOf } from "./torch/torch_tensors.ts";
export { encodeTorchCheckpoint } from "./torch/torch_writer.ts";
export type { TorchTree } from "./torch/pickle_writer.ts";

// TensorFlow Lite
export { readTfliteLayers, type TfliteLayer } from "./tflite_tensors.ts";
