/**
 * Convolutional students under the names of timm's models. Their batch norms have nothing left to do: each is
 * an identity that adds the bias, or multiplies by the factor that stayed apart.
 *
 * @source Wightman, PyTorch image models (timm), `efficientnet.py` and `resnet.py`.
 * @module
 */
import type { ConvolutionLayer } from "../nn/convolutional/convolution_layer.ts";
import { layersOf } from "../nn/convolutional/stage.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../nn/convolutional/convolutional_config.ts";
import { stageGroups } from "../nn/selection/stage_groups.ts";
import { UserError } from "../errors/user_error.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { type TensorMap, tensorTaker } from "./named_tensors.ts";

/** One of timm's models, and how it is made with the arithmetic of ours. */
export interface TimmModel {
  /** What to type in Python. */
  readonly command: string;
  /** What its batch norms add to a variance. */
  readonly epsilon: number;
}

/**
 * The model of timm that computes what a convolutional student does.
 *
 * @throws {UserError} Where timm has none, which says what to use.
 *
 * @example
 * ```ts
 * import { timmModelOf } from "./timm_stages.ts";
 * const { command } = timmModelOf({ kind: "resnet", layers: 18, imageSize: 64 });
 * if (command !== 'timm.create_model("resnet18", num_classes=0)') throw new Error(command);
 * ```
 */
export function timmModelOf(config: ConvolutionalConfig): TimmModel {
  // None of timm's is pruned.
  const model = config.hiddenWidths === undefined ? modelOfKind(config) : undefined;
  if (model !== undefined) return model;
  throw new UserError(
    `Cannot export a ${config.kind} of this size under the names of timm: found ` +
      `${JSON.stringify(config)}, but timm has no model that computes the same. Choose --format ` +
      "safetensors, with a program beside it that runs it in PyTorch",
  );
}

function modelOfKind(config: ConvolutionalConfig): TimmModel | undefined {
  const { widthMultiplier: width = 1 } = config;
  switch (config.kind) {
    case "mobilenet_v2": {
      const { depthMultiplier: depth = 1, outputStride = 32, head = true } = config;
      const name = depth === 1 && outputStride === 32 && head ? mobileNets.get(width) : undefined;
      if (name === undefined) break;
      // Zeros by TensorFlow's rule, which the model does not have by itself.
      return { command: created(name, 'pad_type="same", '), epsilon: 1e-5 };
    }
    case "efficientnet_lite": {
      const { depthMultiplier: depth = 1 } = config;
      const number = efficientNets.findIndex(([w, d]) => w === width && d === depth);
      if (number < 0) break;
      return { command: created(`tf_efficientnet_lite${number}`), epsilon: 1e-3 };
    }
    case "resnet":
      if (width !== 1) break;
      return { command: created(`resnet${config.layers}`), epsilon: 1e-5 };
    case "resnet_cifar":
      break;
  }
  return undefined;
}

/** Models by the factor of their channels. */
const mobileNets = new Map([
  [0.35, "mobilenetv2_035"],
  [0.5, "mobilenetv2_050"],
  [0.75, "mobilenetv2_075"],
  [1, "mobilenetv2_100"],
  [1.4, "mobilenetv2_140"],
]);

/** Factors of channels and blocks of Lite0 to Lite4. */
const efficientNets = [[1, 1], [1, 1.1], [1.1, 1.2], [1.2, 1.4], [1.4, 1.8]] as const;

function created(name: string, options = ""): string {
  return `timm.create_model("${name}", ${options}num_classes=0)`;
}

/**
 * A convolutional encoder under the names of timm's model of its kind.
 *
 * @param encoder Names as in `student.safetensors`: `stages.0.convolution.weight`, ….
 * @returns Kernels `[out, in, rows, columns]`; of each batch norm `weight`, `bias`, `running_mean` (0) and
 *   `running_var` (1 less its epsilon, so that it divides by 1).
 * @throws {UserError} Where timm has no such model, or a tensor is missing, left over or of another shape.
 *
 * @example
 * ```ts
 * import { toTimmStages } from "./timm_stages.ts";
 * let refused = "";
 * try {
 *   toTimmStages(new Map(), { kind: "resnet", layers: 18, imageSize: 64 });
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes('"stages.0.convolution.weight"')) throw new Error("Expected the missing name");
 * ```
 */
export function toTimmStages(
  encoder: TensorMap,
  config: ConvolutionalConfig,
): Map<string, FloatTensor> {
  const { epsilon } = timmModelOf(config);
  const taker = tensorTaker(encoder, "the encoder"), renamed = new Map<string, FloatTensor>();
  for (const { ours, convolution, norm, layer } of timmLayers(config)) {
    const { depthwise = false, kernel, inputs, outputs } = layer;
    const weight = taker.take(`${ours}.weight`, [kernel, kernel, inputs, depthwise ? 1 : outputs]);
    renamed.set(`${convolution}.weight`, kernelsFirst(weight, depthwise));
    const scale = config.scaled === true
      ? taker.take(`${ours}.scale`, [outputs])
      : filled(outputs, 1);
    renamed.set(`${norm}.weight`, scale);
    renamed.set(`${norm}.bias`, taker.take(`${ours}.bias`, [outputs]));
    renamed.set(`${norm}.running_mean`, filled(outputs, 0));
    renamed.set(`${norm}.running_var`, filled(outputs, 1 - epsilon));
  }
  taker.finish();
  return renamed;
}

/** A convolution of a student, and where it and the norm behind it lie in timm's model. */
export interface TimmLayer {
  /** Our name. */
  readonly ours: string;
  /** Name of the convolution. */
  readonly convolution: string;
  /** Name of the batch norm. */
  readonly norm: string;
  readonly layer: ConvolutionLayer;
}

/** The convolutions of a student in the order of its file. */
export function timmLayers(config: ConvolutionalConfig): TimmLayer[] {
  const places = placesOf(config);
  return convolutionalStages(config).flatMap((stage, number) =>
    layersOf(stage).map(({ name, layer }) => {
      const [convolution, norm] = namesOf(config, name, places[number]!);
      return { ours: `stages.${number}.${name}`, convolution, norm, layer };
    })
  );
}

/** Where a stage lies: its group, and its number within. */
interface Place {
  readonly group: number;
  readonly block: number;
}

function placesOf(config: ConvolutionalConfig): Place[] {
  return stageGroups(config).flatMap((stages, group) =>
    stages.map((_, block) => ({ group, block }))
  );
}

/** Names of a convolution and of the norm behind it. */
function namesOf(
  { kind }: ConvolutionalConfig,
  layer: string,
  { group, block }: Place,
): [convolution: string, norm: string] {
  if (kind === "resnet") {
    if (group === 0) return ["conv1", "bn1"];
    const prefix = `layer${group}.${block}.`;
    if (layer === "shortcut") return [`${prefix}downsample.0`, `${prefix}downsample.1`];
    const number = 1 + ["first", "second", "third"].indexOf(layer);
    return [`${prefix}conv${number}`, `${prefix}bn${number}`];
  }
  if (layer === "convolution") return group === 0 ? ["conv_stem", "bn1"] : ["conv_head", "bn2"];
  const prefix = `blocks.${group - 1}.${block}.`;
  // What the first block projects is called as others expand: it expands nothing.
  const names = group === 1
    ? { depthwise: ["conv_dw", "bn1"], project: ["conv_pw", "bn2"] }
    : { expand: ["conv_pw", "bn1"], depthwise: ["conv_dw", "bn2"], project: ["conv_pwl", "bn3"] };
  const [convolution, norm] = Object.entries(names).find(([name]) => name === layer)![1];
  return [prefix + convolution, prefix + norm];
}

/** `[rows, columns, in, out]` as `[out, in, rows, columns]`, depthwise `[rows, columns, channels, 1]` alike. */
function kernelsFirst({ shape, data }: FloatTensor, depthwise: boolean): FloatTensor {
  const [rows = 0, columns = 0, third = 0, fourth = 0] = shape, area = rows * columns;
  const [outputs, inputs] = depthwise ? [third, 1] : [fourth, third];
  const kernels = new Float32Array(data.length);
  data.forEach((value, at) => {
    const place = Math.floor(at / (third * fourth)), channel = at % (third * fourth);
    const [input, output] = depthwise
      ? [0, channel]
      : [Math.floor(channel / fourth), channel % fourth];
    kernels[(output * inputs + input) * area + place] = value;
  });
  return { shape: [outputs, inputs, rows, columns], data: kernels };
}

function filled(length: number, value: number): FloatTensor {
  return { shape: [length], data: new Float32Array(length).fill(value) };
}
