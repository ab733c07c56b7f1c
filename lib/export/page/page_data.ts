/** What a page knows of its student: `page.json`. */

/** Content of `page.json`. */
export interface PageData {
  /** Name of the student. */
  readonly name: string;
  /** A line about its licence. */
  readonly licence: string;
  /** Size and normalisation of its images. */
  readonly input: {
    readonly size: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
  /** Numbers of a feature. */
  readonly width: number;
  /** Rows and columns of the patches. */
  readonly grid: readonly [rows: number, columns: number];
  /** Its classifier, whose probabilities the model gives. Default: none. */
  readonly head?: PageHead | undefined;
  /** Colours of patches. Default: there are too few. */
  readonly colours?: PageColours | undefined;
  /** Pictures to search in; their features are in `gallery.bin`, `[images, width]` float32. */
  readonly gallery: readonly GalleryImage[];
}

/** How a page decides. */
export interface PageHead {
  readonly classes: readonly string[];
  /** `[classes, classes]`, rows are the true class. Default: every error costs 1. */
  readonly costs?: readonly number[] | undefined;
  /** Cost of asking a person. Default: nobody is asked. */
  readonly rejection?: number | undefined;
}

/** The first three principal axes of the gallery's patches, and the ends of their scales. */
export interface PageColours {
  /** `[width]` */
  readonly mean: readonly number[];
  /** `[3, width]`, row by row. */
  readonly axes: readonly number[];
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** A picture of the gallery. */
export interface GalleryImage {
  /** Relative to the page. */
  readonly file: string;
  /** Its name where it came from. */
  readonly name: string;
}
