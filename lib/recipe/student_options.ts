/** The options of a student, every one filled in. */

/** What every student has. */
export interface RecipeStudentStart {
  /**
   * Network whose weights the student starts from: a teacher of the zoo, `FAMILY:FILE`, or a run folder or
   * its `student.safetensors`. Where it is one of the teachers too, the student's first prediction of that
   * teacher is the teacher itself. Default: random weights.
   */
  readonly from?: string;
  /**
   * Name of the teacher that the student's last stage predicts by itself, to which its heads only add: one whose
   * features it has nearly already, and of its width. Default: the teacher that it starts from, if any.
   */
  readonly source?: string;
  /**
   * Stages, from the first on, that are not trained: blocks of a transformer, or stem, blocks and head of a
   * convolutional network. What they give is kept like features where there is a cache. Default: none.
   */
  readonly freeze?: number;
  /** Mean of the images' channels that is subtracted. Default: that of the kind's published weights. */
  readonly mean?: readonly [number, number, number];
  /** Deviation by which they are divided. Default: that of the kind's published weights. */
  readonly std?: readonly [number, number, number];
  /**
   * Heights and widths in pixels, rising, of the images that the student sees one after the other in
   * training, such as `[32, 48, 64]`; the last is the student's own. All take equal shares of the steps, or
   * each but the last ends where it says: `until`, a share of the run between 0 and 1. Teachers see their
   * views as ever. Default: only the student's own size.
   */
  readonly resolutions?: readonly (number | { readonly size: number; readonly until: number })[];
  /**
   * Of a pruned student the hidden width of each block that has one, in their order: of a transformer's MLPs, of a
   * convolutional network's branches. Default: those of its kind. `deno task compress` writes them.
   */
  readonly hiddenWidths?: readonly number[];
  /**
   * Whether the backward pass computes each block once more, so that nothing inside the blocks is kept: less
   * memory, about a third more time. Default: false.
   */
  readonly recompute?: boolean;
}

/** The network to train. */
export type RecipeStudent = RecipeTransformer | RecipeConvolutional;

/** What every convolutional student has. */
export interface RecipeConvolutionalStart extends RecipeStudentStart {
  /** Height and width to which the images are resized before they enter. Default: `images.size`. */
  readonly inputSize?: number;
  /**
   * Whether batch norm is folded into the convolutions, or its factor of each channel is trained apart.
   * Default "folded".
   */
  readonly batchNorm: "folded" | "scaled";
  /** Factor of the channels. Default: 1. */
  readonly widthMultiplier?: number;
}

/** A convolutional student. */
export type RecipeConvolutional =
  & RecipeConvolutionalStart
  & (
    | {
      readonly kind: "mobilenet_v2";
      /** Factor of the blocks of each resolution, rounded up. Default: 1. */
      readonly depthMultiplier?: number;
      /** Pixels per place of the last map. Default: 32. */
      readonly outputStride?: 16 | 32;
    }
    | {
      readonly kind: "efficientnet_lite";
      /** Factor of the blocks of each resolution, rounded up. Default: 1. */
      readonly depthMultiplier?: number;
    }
    | {
      readonly kind: "resnet_cifar";
      /** Blocks of each of the three resolutions: 3 for ResNet-20, 9 for ResNet-56. */
      readonly blocks: number;
    }
    | {
      readonly kind: "resnet";
      /** Number of layers. */
      readonly layers: 18 | 34 | 50;
    }
  );

/** A vision transformer as student. */
export interface RecipeTransformer extends RecipeStudentStart {
  /** Absent, or "transformer". */
  readonly kind?: "transformer";
  /** Width of a token; a multiple of `heads`. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Heads of each attention. */
  readonly heads: number;
  /** Of a pruned student the heads of each block, each as wide as `width / heads`. Default: `heads`. */
  readonly headCounts?: readonly number[];
  /** Of a pruned student the width of each block's queries and keys, of a head. Default: `width / heads`. */
  readonly queryWidths?: readonly number[];
  /** Side of a patch in pixels. */
  readonly patchSize: number;
  /** Hidden width of the MLPs over the width. Default 4. */
  readonly mlpRatio: number;
  /** Stochastic depth of the last block, linear from 0 at the first. Default 0.1. */
  readonly dropPath: number;
  /** Learnt tokens beside CLS and patches that no teacher supervises. Default: none. */
  readonly registers?: number;
  /** Initial LayerScale of every branch, such as 1e-4. Default: no LayerScale. */
  readonly layerScale?: number;
  /**
   * Share of each image's patches, drawn anew at each step, that the student does not see in training: 0.5
   * about halves the cost of encoder and projectors. Default: it sees all.
   */
  readonly tokenMask?: number;
  /** How an image becomes tokens. Default "patch". */
  readonly stem: "patch" | "convolution";
  /**
   * Deviation of the initial matrices. Default "fixed", the reference's 0.02; "scaled", by the width
   * of their input, suits narrow students.
   */
  readonly initialization: "fixed" | "scaled";
}
