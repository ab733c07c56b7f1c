import type { CheckpointReading } from "./checkpoint_reading.ts";

/** A frozen network to learn from, as a recipe names it. */
export interface BackboneSpec extends CheckpointReading {
  /** Name in the zoo (`deno task teachers`), or any name without dots beside a `checkpoint`. */
  readonly name: string;
  /** File of weights, `FAMILY:FILE`, such as `dino:my.pth`; see docs/teachers.md. Default: the zoo's. */
  readonly checkpoint?: string | undefined;
  /** Side in pixels to which the views are resized. Default: that of the teacher's training. */
  readonly inputSize?: number | undefined;
}
