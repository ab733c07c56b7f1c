/** One file of a folder or zip, known without reading it. */
export interface SourceFile {
  /** Relative to the folder or zip, parts joined by "/", in composed Unicode form. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Changes when the content does: the time of change, or the CRC in a zip. */
  readonly stamp: string;
}

/** The files of an open folder or zip, read by their position in `files`. */
export interface SourceFiles {
  /** The source as messages name it, such as `zip "cats.zip"`. */
  readonly description: string;
  /** Tells two sources apart whose files look the same; "" where the stamps suffice. */
  readonly identity: string;
  /** All files but the systems' own, such as `Thumbs.db`. */
  readonly files: readonly SourceFile[];
  /** Names of all folders, empty ones included; a zip may not list them. */
  readonly folders: readonly string[];
  /** Remarks on names that could not be read as they are meant. Default: none. */
  readonly remarks?: readonly string[] | undefined;
  /** Reads the bytes of the file at a position of `files`, into memory of their own. */
  read(file: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Closes the zip; a folder needs no closing. */
  close(): void;
}
