/**
 * Stages of convolutional networks as plain data. A network is a list of stages; each takes a map of
 * channels to the next.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type ConvolutionLayer,
  convolutionLayer,
  type ConvolutionParameters,
} from "./convolution_layer.ts";

/** What all stages have. */
interface StageEnds {
  /** Channels that come in. */
  readonly inputs: number;
  /** Channels that go out. */
  readonly outputs: number;
  /** Pixels between outputs, 1 or 2. */
  readonly stride: number;
}

/** One convolution, such as a stem or a head. */
export interface ConvolutionStage extends StageEnds {
  readonly kind: "convolution";
  /** Side of the filter in pixels. */
  readonly kernel: number;
  readonly activation: "linear" | "relu" | "relu6";
  readonly padding?: "same" | "symmetric";
  /** Whether a maximum over 3 x 3 pixels halves the map afterwards. Default false. */
  readonly pooled?: boolean;
}

/**
 * Expand 1 x 1, filter each channel, project 1 x 1 without an activation; added to what came in where
 * shapes allow (MobileNetV2, Sandler et al., CVPR 2018, figure 4).
 */
export interface InvertedResidualStage extends StageEnds {
  readonly kind: "invertedResidual";
  /** Channels that are filtered; equal to `inputs` where nothing is expanded. */
  readonly hidden: number;
  /** Whether a convolution expands to them. Default: where there are others than `inputs`. */
  readonly expanded?: boolean;
  /** Side of the filter in pixels. */
  readonly kernel: number;
  /** Pixels between the weights of the filter. Default 1. */
  readonly dilation?: number;
}

/** Two 3 x 3 convolutions beside a shortcut (ResNet, He et al., CVPR 2016, figure 5 left). */
export interface BasicBlockStage extends StageEnds {
  readonly kind: "basicBlock";
  /** Channels between the convolutions. Default: as many as `outputs`. */
  readonly hidden?: number;
  /** What the shortcut does where shapes change: pad with zeros (option A), or project (option B). */
  readonly shortcut: "padded" | "projected";
}

/** 1 x 1, 3 x 3 and 1 x 1 convolutions beside a shortcut that projects (figure 5 right). */
export interface BottleneckStage extends StageEnds {
  readonly kind: "bottleneck";
  /** Channels of the 3 x 3 convolution, which strides. */
  readonly hidden: number;
}

/** A stage of a convolutional network. */
export type Stage = ConvolutionStage | InvertedResidualStage | BasicBlockStage | BottleneckStage;

/** Parameters of a stage: convolutions by name. */
export type StageParameters = { readonly [layer: string]: ConvolutionParameters };

/** A convolution with its name in {@linkcode StageParameters}. */
export interface NamedLayer {
  readonly name: string;
  readonly layer: ConvolutionLayer;
  /** Whether it ends a residual branch. */
  readonly ends: boolean;
}

/**
 * The convolutions of a stage, in the order in which files have them.
 *
 * @example
 * ```ts
 * import { layersOf } from "./stage.ts";
 * const stage = { kind: "basicBlock", inputs: 16, outputs: 32, stride: 2, shortcut: "padded" } as const;
 * if (layersOf(stage).map(({ name }) => name).join() !== "first,second") throw new Error();
 * ```
 */
export function layersOf(stage: Stage): NamedLayer[] {
  const { inputs, outputs, stride } = stage;
  const layer = (name: string, shape: ConvolutionLayer, ends = false) => ({
    name,
    layer: shape,
    ends,
  });
  switch (stage.kind) {
    case "convolution": {
      const { kernel, activation, padding = "same" } = stage;
      return [layer("convolution", { kernel, inputs, outputs, stride, activation, padding })];
    }
    case "invertedResidual": {
      const { hidden, kernel, dilation = 1 } = stage, activation = "relu6";
      const expand = layer("expand", { kernel: 1, inputs, outputs: hidden, activation });
      const filter = {
        kernel,
        inputs: hidden,
        outputs: hidden,
        stride,
        dilation,
        activation,
      } as const;
      return [
        ...isExpanded(stage) ? [expand] : [],
        layer("depthwise", { depthwise: true, ...filter }),
        layer("project", { kernel: 1, inputs: hidden, outputs }, isResidual(stage)),
      ];
    }
    case "basicBlock": {
      const padding = "symmetric", activation = "relu", { hidden = outputs } = stage;
      return [
        layer("first", { kernel: 3, inputs, outputs: hidden, stride, activation, padding }),
        layer("second", { kernel: 3, inputs: hidden, outputs, padding }, true),
        ...stage.shortcut === "projected" && !isResidual(stage) ? [shortcutOf(stage)] : [],
      ];
    }
    case "bottleneck": {
      const { hidden } = stage, padding = "symmetric", activation = "relu";
      return [
        layer("first", { kernel: 1, inputs, outputs: hidden, activation }),
        layer("second", {
          kernel: 3,
          inputs: hidden,
          outputs: hidden,
          stride,
          activation,
          padding,
        }),
        layer("third", { kernel: 1, inputs: hidden, outputs }, true),
        ...isResidual(stage) ? [] : [shortcutOf(stage)],
      ];
    }
  }
}

function shortcutOf({ inputs, outputs, stride }: StageEnds): NamedLayer {
  return { name: "shortcut", layer: { kernel: 1, inputs, outputs, stride }, ends: false };
}

/** Whether a convolution expands what comes in before it is filtered. */
export function isExpanded(
  { expanded, hidden, inputs }: Pick<InvertedResidualStage, "expanded" | "hidden" | "inputs">,
): boolean {
  return expanded ?? hidden !== inputs;
}

/** Whether what comes in has the shape of what goes out. */
function isResidual({ inputs, outputs, stride }: StageEnds): boolean {
  return stride === 1 && inputs === outputs;
}

/**
 * Computes a stage.
 *
 * @param map `[batch, height, width, inputs]`.
 * @returns `[batch, ceil(height / stride), ceil(width / stride), outputs]`; half of that where a
 *   convolution is pooled.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initStages } from "./network.ts";
 * import { runStage } from "./stage.ts";
 * await startEngine();
 * const stage = { kind: "basicBlock", inputs: 4, outputs: 8, stride: 2, shortcut: "padded" } as const;
 * const { stages } = initStages([stage], randomStream(0));
 * const map = runStage(stages[0]!, tf.ones([1, 6, 6, 4]), stage);
 * if (map.shape.join() !== "1,3,3,8") throw new Error("Expected half the size");
 * ```
 */
export function runStage(parameters: StageParameters, map: tf.Tensor4D, stage: Stage): tf.Tensor4D {
  const shapes = new Map(layersOf(stage).map(({ name, layer }) => [name, layer]));
  const run = (name: string, x: tf.Tensor4D) => {
    const layer = shapes.get(name), ofLayer = parameters[name];
    return layer && ofLayer ? convolutionLayer(ofLayer, x, layer) : x;
  };
  switch (stage.kind) {
    case "convolution": {
      const y = run("convolution", map);
      return stage.pooled === true ? poolNeighbours(y) : y;
    }
    case "invertedResidual": {
      const y = run("project", run("depthwise", run("expand", map)));
      return isResidual(stage) ? tf.add(map, y) : y;
    }
    case "basicBlock": {
      const y = run("second", run("first", map));
      const shortcut = stage.shortcut === "padded" && !isResidual(stage)
        ? padChannels(map, stage)
        : run("shortcut", map);
      return tf.relu(tf.add(y, shortcut));
    }
    case "bottleneck":
      return tf.relu(tf.add(run("third", run("second", run("first", map))), run("shortcut", map)));
  }
}

/** The largest of each 3 x 3 pixels, every second place; zeros around it, below which no activation lies. */
function poolNeighbours(map: tf.Tensor4D): tf.Tensor4D {
  return tf.maxPool(tf.pad(map, [[0, 0], [1, 1], [1, 1], [0, 0]]), 3, 2, "valid");
}

/** Every `stride`-th pixel, and zeros for the new channels, half of them in front: no weights. */
function padChannels(map: tf.Tensor4D, { inputs, outputs, stride }: StageEnds): tf.Tensor4D {
  // Pooling over one pixel subsamples, on every backend.
  const pixels = stride === 1 ? map : tf.maxPool(map, 1, stride, "valid");
  const front = Math.floor((outputs - inputs) / 2);
  return tf.pad(pixels, [[0, 0], [0, 0], [0, 0], [front, outputs - inputs - front]]);
}
