/** Finds the convolutional networks of a family in a file, whatever prefixes their names have. */
import { convolutionalStages } from "../../nn/convolutional/convolutional_config.ts";
import { layersOf } from "../../nn/convolutional/stage.ts";
import {
  type CheckpointTensors,
  type ExpectedTensor,
  fitLayout,
} from "../families/checkpoint_tensors.ts";
import { convolutionalFamilies, type ConvolutionalFamilyName } from "./families.ts";
import type { ConvolutionalLayout } from "./family.ts";

/** A network in a file, and how far it fits the family. */
export interface FoundConvolutional {
  /** What stands before its names; "" for none. */
  readonly prefix: string;
  /** Its tensors under the family's names. */
  readonly checkpoint: CheckpointTensors;
  /** Names of the file that are not part of it. */
  readonly outside: readonly string[];
  readonly fit: {
    readonly layout: ConvolutionalLayout;
    /** One line for every missing, surplus or mis-shaped tensor. */
    readonly differences: readonly string[];
  };
}

/** Most networks of a file that are compared; more are no file that anyone saved. */
const mostNetworks = 20;

/** The networks of a family in a file, those that fit first; at least one, however little it fits. */
export function findConvolutional(
  family: ConvolutionalFamilyName,
  file: CheckpointTensors,
): readonly FoundConvolutional[] {
  const { anchor } = convolutionalFamilies[family], { tensors } = file.everything ?? file;
  const prefixes = [...tensors.keys()]
    .filter((name) => name === anchor || name.endsWith(`.${anchor}`))
    .slice(0, mostNetworks).map((name) => name.slice(0, -anchor.length));
  if (prefixes.length === 0) prefixes.push("");
  return prefixes.map((prefix) => networkAt(family, file, { prefix, prefixes }))
    .sort((a, b) => a.fit.differences.length - b.fit.differences.length);
}

function networkAt(
  family: ConvolutionalFamilyName,
  file: CheckpointTensors,
  { prefix, prefixes }: { readonly prefix: string; readonly prefixes: readonly string[] },
): FoundConvolutional {
  const facts = convolutionalFamilies[family], whole = file.everything ?? file;
  const others = prefixes.filter((other) => other !== prefix && other.startsWith(prefix));
  const container = containerOf(file, prefix + facts.anchor);
  const own = [...whole.tensors.keys()].filter((name) =>
    name.startsWith(prefix) && !others.some((other) => name.startsWith(other)) &&
    containerOf(file, name) === container
  );
  const shapes = own.map((name) => [name.slice(prefix.length), whole.tensors.get(name)!] as const);
  const tensors = new Map(shapes), layout = facts.layout(tensors);
  const ignored = [...facts.ignored, /(^|\.)num_batches_tracked$/];
  const { differences } = fitLayout(tensors, expectedTensors(layout), ignored);
  const read = new Set(own);
  return {
    prefix,
    checkpoint: {
      source: file.source,
      metadata: file.metadata,
      tensors,
      read: (name) => whole.read(prefix + name),
    },
    outside: [...whole.tensors.keys()].filter((name) => !read.has(name)),
    fit: { layout, differences },
  };
}

/** The dictionaries around a tensor; those beside the network's own are no part of it. */
function containerOf({ everything }: CheckpointTensors, name: string): string | undefined {
  return everything?.tensors.get(name)?.container.join("\0");
}

/** Weights `[out, in, rows, columns]`, depthwise `[channels, 1, rows, columns]`, and their norms. */
function expectedTensors(
  { config, names }: ConvolutionalLayout,
): Pick<ExpectedTensor, "from" | "shape">[] {
  return convolutionalStages(config).flatMap((stage, i) =>
    layersOf(stage).flatMap(({ name, layer: { depthwise, kernel, inputs, outputs } }) => {
      const { convolution, normalization } = names(i, name);
      return [
        {
          from: `${convolution}.weight`,
          shape: [outputs, depthwise === true ? 1 : inputs, kernel, kernel],
        },
        ...["weight", "bias", "running_mean", "running_var"].map((part) => ({
          from: `${normalization}.${part}`,
          shape: [outputs],
        })),
      ];
    })
  );
}
