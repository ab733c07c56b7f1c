/** Tasks that frozen features are measured on. */
import type { DecodeOptions } from "../../images/codec/decode_options.ts";
import type { ImagePack, QuarantinedImage } from "../../images/packs/pack_file.ts";

/** Images with one class each; close it when done. */
export interface ClassificationTask {
  /** Tells it from dense tasks. */
  readonly kind: "classification";
  /** Name of the set, or of its folder, zip or manifest. */
  readonly name: string;
  /** Images to learn from. */
  readonly train: ImagePack;
  /** Images to measure on. */
  readonly test: ImagePack;
  /** Images that could not be decoded and are in neither part; default: none. */
  readonly excluded?: readonly QuarantinedImage[] | undefined;
  /** What was read and passed over where the images were listed, in one line. Default: not known. */
  readonly listed?: string | undefined;
  /** Closes both parts. */
  close(): void;
}

/** One part of a dense task. */
export interface DenseImages<Truth extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  /** Number of images. */
  readonly count: number;
  /** Changes with every pixel, mask and depth. */
  readonly digest: string;
  /** Reads the images at these positions, `[positions, canvas, canvas, 3]`, 0 to 255. */
  pixels(positions: readonly number[]): Uint8Array<ArrayBuffer>;
  /** `[count, canvas, canvas]`: class numbers with 255 for pixels to ignore, or depths. */
  readonly truth: Truth;
}

interface PixelTask<Truth extends Uint8Array | Float32Array> {
  /** What tables call it. */
  readonly name: string;
  /** Side of the images in pixels. */
  readonly canvas: number;
  /** An image is cut into this many by this many tiles, each of which a model sees as an image. */
  readonly tiles: number;
  /** Images that heads learn from. */
  readonly train: DenseImages<Truth>;
  /** Images to measure on. */
  readonly test: DenseImages<Truth>;
  /** What was read and passed over where the images were listed, in one line. Default: not known. */
  readonly listed?: string | undefined;
  /** Closes both parts. */
  close(): void;
}

/** Images with a class for every pixel. */
export interface SegmentationTask extends PixelTask<Uint8Array> {
  /** Tells it from other tasks. */
  readonly kind: "segmentation";
  /** Names by number. */
  readonly classes: readonly string[];
}

/** Images with a depth for every pixel. */
export interface DepthTask extends PixelTask<Float32Array> {
  /** Tells it from other tasks. */
  readonly kind: "depth";
}

/** Images whose every pixel has a class or a depth; close it when done. */
export type DenseTask = SegmentationTask | DepthTask;

/** A task of either kind; close it when done. */
export type EvaluationTask = ClassificationTask | DenseTask;

/** Options of {@linkcode openDenseTask}. */
export interface OpenDenseTaskOptions extends DecodeOptions {
  /** Most train and most test images. Default: all. */
  readonly limit?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string | undefined;
  /** Receives a line that says which images were read. */
  readonly onListed?: ((line: string) => void) | undefined;
}

/** Options of {@linkcode openTask} and {@linkcode openClassificationTask}. */
export interface OpenTaskOptions extends OpenDenseTaskOptions {
  /** Side in pixels at which all models see the images; dense tasks have their own. */
  readonly canvas: number;
  /**
   * Parts of a folder or zip to learn from and to measure on: its folders, or what they are for, such
   * as "val". One alone is parted by the seed. Default: those called train and test, or like them.
   */
  readonly split?: readonly string[] | undefined;
  /**
   * Whether a third of every class of the train part, drawn by the seed, is measured on instead of the test part,
   * whose images are not opened; of classification tasks of image files. Default: false.
   */
  readonly validation?: boolean | undefined;
  /** Draws the images of a classification task that are held out. Default: 0. */
  readonly seed?: number | undefined;
  /** Called with the number of images of a part that are decoded, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}
