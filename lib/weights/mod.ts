/**
 * Files of weights of any origin: opened without executing anything, tensors read in place, every claim checked.
 *
 * @module
 */

// Any file
export { openCheckpoint, type CheckpointFile, type CheckpointOptions, checkpointFrom } from "./checkpoint_file.ts";
export { assertFiniteWeights } from "./assert_finite_weights.ts";

// Where bytes come from
export { type ByteSource, bytesSource, fileSource } from "./byte_source.ts";
export { readVerifiedFile, type FileIdentity } from "./verified_file.ts";

// safetensors
export { readSafetensors, decodeSafetensors, encodeSafetensors, writeSafetensors, type Safetensors, type StoredTensor } from "./safetensors/safetensors.ts";
export type { HostTensor, FloatTensor } from "./host_tensor.ts";
export type { ElementType, TensorData } from "./element_types.ts";

// PyTorch
export { readTorchTensors, foldBatchNorm, tensorOf } from "./torch/torch_tensors.ts";
export { encodeTorchCheckpoint } from "./torch/torch_writer.ts";
export type { TorchTree } from "./torch/pickle_writer.ts";

// TensorFlow Lite
export { readTfliteLayers, type TfliteLayer } from "./tflite_tensors.ts";
