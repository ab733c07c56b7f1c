/** Mean and standard deviation of ImageNet per channel, for images in [0, 1] (UNIC, appendix A). */
export const imagenetNormalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
