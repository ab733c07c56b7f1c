/** Images as a frozen network takes them. */
export interface BackboneInput {
  /** Height and width in pixels; images are resized to this square. */
  readonly size: number;
  /** Mean of red, green and blue in [0, 1], which is subtracted. */
  readonly mean: readonly [number, number, number];
  /** Deviation of red, green and blue in [0, 1], by which is divided. */
  readonly std: readonly [number, number, number];
}
