/** Labelled images, sorted by name. */
export interface LabelledImages {
  /** Names of the classes, sorted; an image's label is the position of its class. */
  readonly classes: readonly string[];
  /** The images, sorted by name. */
  readonly images: readonly {
    /** Position in the files of the source. */
    readonly file: number;
    /** Name without the split, such as "cat/001.png". */
    readonly name: string;
    /** Position in `classes`. */
    readonly label: number;
  }[];
  /** What was read and passed over, in one line. Default: not known. */
  readonly read?: string | undefined;
}
