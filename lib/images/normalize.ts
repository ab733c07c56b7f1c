/** Mean and deviation per channel of ImageNet, for images in [0, 1]: what the student sees (paper appendix A). */
export const imagenetNormalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
