/** What the forward pass of a network of the zoo needs, known from its entry without reading its weights. */
import type { Grid } from "../nn/token_grid.ts";
import type { ZooEntry } from "./zoo/manifest.ts";

/**
 * Numbers that the widest place of a convolutional network holds at once, per pixel of its input: the
 * maps before and after the layer that expands to 96 channels at half the side, or two maps of 16 channels.
 */
const floatsPerPixel: { readonly [family: string]: number } = {
  mobilenet_v1: 8,
  mobilenet_v2: 24,
  deeplab_v3: 24,
  efficientnet_lite: 24,
  resnet_cifar: 32,
  pixels: 0,
};

/** Rows and columns of the patch tokens of images of so many pixels. */
export function tokenGrid({ stride }: Pick<ZooEntry, "stride">, side: number): Grid {
  return [Math.ceil(side / stride), Math.ceil(side / stride)];
}

/** Numbers that a forward pass holds at once, per image of so many pixels; a lower bound. */
export function inputFloats(
  { family, stride, width }: {
    readonly family: string;
    readonly stride: number;
    readonly width: number;
  },
  side: number,
): number {
  const pixels = side * side;
  const convolutional = floatsPerPixel[family];
  if (convolutional !== undefined) return pixels * (3 + convolutional);
  const tokens = 1 + pixels / stride ** 2;
  // The widest layer of an MLP before and after its activation.
  return 3 * pixels + tokens * 8 * width;
}
