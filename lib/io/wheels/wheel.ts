/** A file on a package index, pinned to the byte, and the files that are taken from it. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Total size of the files that `keep` matches. */
  readonly unpackedBytes: number;
  /** Paths inside the wheel, which are also the paths inside the cache. */
  readonly keep: RegExp;
}

/** The machines that a wheel was built for, as installers name them. */
export interface WheelPlatforms {
  /** Platform tags for pip's `--platform`. */
  readonly pip: readonly string[];
  /** uv's name for the same. */
  readonly uv: string;
}

/** Wheels that are fetched together, and how errors speak of them. */
export interface WheelSet {
  /** What is fetched: "TensorFlow". */
  readonly title: string;
  readonly wheels: readonly Wheel[];
  /** Absent where the wheels suit every machine. */
  readonly platforms?: WheelPlatforms | undefined;
  /** What to do where nothing can be fetched: "name a folder with the libraries in VARIABLE". */
  readonly otherwise: string;
}
