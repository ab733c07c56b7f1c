/** What a proposal is made from: what somebody asks for, and what was measured of it. */
import type { EncoderConfig } from "../../nn/encoder.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import type { BackboneInput } from "../../teachers/input.ts";

/** What somebody asks for who has images, teachers and minutes, but no recipe. */
export interface ProposalRequest {
  /** Name of the run. */
  readonly name: string;
  /** Folders and zips of images. */
  readonly images: readonly string[];
  /** Networks to learn from, the most important first. */
  readonly teachers: readonly BackboneSpec[];
  /** Size of a transformer, or the network to start from. Default: the first teacher that a student can be. */
  readonly student?: StudentRequest | undefined;
  /** Minutes of training. */
  readonly minutes: number;
  /** Labelled image sets to measure on. */
  readonly evaluate: readonly string[];
}

/** Which student is asked for: a transformer from random weights, or what a network starts. */
export type StudentRequest =
  | { readonly size: TransformerSize }
  | { readonly from: string };

/** Name of a size of {@linkcode transformerSizes}. */
export type TransformerSize = keyof typeof transformerSizes;

/** Transformers that a few minutes can train, by the word for their size. */
export const transformerSizes = {
  tiny: { width: 96, depth: 4, heads: 3 },
  small: { width: 192, depth: 6, heads: 3 },
  base: { width: 384, depth: 12, heads: 6 },
} as const;

/** A network that was opened and timed. */
export interface MeasuredNetwork {
  /** As it is asked for. */
  readonly spec: BackboneSpec;
  /** Size and normalisation of the images of its own training. */
  readonly ownInput: BackboneInput;
  /** Pixels between the places of its last map. */
  readonly stride: number;
  /** Side in pixels at which it was timed. */
  readonly timedSize: number;
  /** Seconds of an image at that size. */
  readonly seconds: number;
  /** Shape, where a student can be like it. */
  readonly encoder?: EncoderConfig | undefined;
}

/** What was measured. */
export interface ProposalFacts {
  /** Number of images that a student may see. */
  readonly images: number;
  /** The middle one of the shorter sides of some images, in pixels. */
  readonly side: number;
  /** The teachers, in the order of the request. */
  readonly teachers: readonly MeasuredNetwork[];
  /** The network that the request starts from, where it is none of the teachers. */
  readonly source?: MeasuredNetwork | undefined;
  /** Floating-point operations a second of a matrix product. */
  readonly operationsPerSecond: number;
}
