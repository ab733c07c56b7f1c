/**
 * Random views of images, as functions of tensors with parameters drawn on the host (paper appendix A).
 *
 * @module
 */

// What views are
export { type Augmentation, scaledBlur } from "./augmentation.ts";

// Drawn by address
export { drawAugmentations, type DrawnAugmentations } from "./draw.ts";
export { type Crop, drawCrop } from "./crop.ts";

// Computed on the engine
export { augment, type AugmentationParameters, augmentationTensors } from "./augment.ts";
export { resampleImages } from "./resample.ts";
export { blurImages } from "./blur.ts";
export { rotateHue } from "./colour.ts";
