import type { ConvolutionalConfig } from "../../nn/convolutional/convolutional_config.ts";
import type { CheckpointTensors } from "../families/checkpoint_tensors.ts";
import type { BackboneInput } from "../input.ts";

/** Names of a convolution without bias, and of the batch normalisation behind it. */
export interface LayerNames {
  readonly convolution: string;
  readonly normalization: string;
}

/** A network as the names and shapes of its file tell it. */
export interface ConvolutionalLayout {
  /** Shape of the network, for images of the size in its training. */
  readonly config: ConvolutionalConfig;
  /** Names in the file of a layer of a stage. */
  names(stage: number, layer: string): LayerNames;
}

/** How the files of a family of convolutional networks are read. */
export interface ConvolutionalFamily {
  /** Normalisation of the images in its training. */
  readonly normalization: Pick<BackboneInput, "mean" | "std">;
  /** SPDX identifier of the weights that its authors released; `NOASSERTION` where they differ. */
  readonly licence: string;
  /** Added to the variance in every batch normalisation. */
  readonly epsilon: number;
  /** Name of a tensor that every network has once; what stands before it is the network's prefix. */
  readonly anchor: string;
  /** Names of tensors that may be in a file and are not read: a classifier. */
  readonly ignored: readonly RegExp[];
  /** The network whose file has these tensors; where they are no such network's, the nearest one. */
  layout(tensors: CheckpointTensors["tensors"]): ConvolutionalLayout;
}
