import { efficientNetLite } from "./efficientnet_lite.ts";
import type { ConvolutionalFamily } from "./family.ts";
import { resNet } from "./resnet.ts";

/** Name of a family of convolutional networks whose files can be loaded. */
export type ConvolutionalFamilyName = "efficientnet_lite" | "resnet";

/** The families of convolutional networks by name. */
export const convolutionalFamilies: {
  readonly [name in ConvolutionalFamilyName]: ConvolutionalFamily;
} = {
  efficientnet_lite: efficientNetLite,
  resnet: resNet,
};

/** Whether a family is one of convolutional networks. */
export function isConvolutional(family: string): family is ConvolutionalFamilyName {
  return Object.hasOwn(convolutionalFamilies, family);
}
