/** One frozen network to learn from. */
export interface BackboneSpec {
  /** Name in the zoo (`deno task teachers`), or any name without dots beside a `checkpoint`. */
  readonly name: string;
  /** Its own file of weights, `FAMILY:FILE`, such as `dino:my.pth`; see docs/teachers.md. */
  readonly checkpoint?: string | undefined;
  /** Side in pixels at which this teacher sees the views. Default: the teacher's own. */
  readonly inputSize?: number | undefined;
  /** Attention heads of a `checkpoint`. Default: one for every 64 of its width. */
  readonly heads?: number | undefined;
}
