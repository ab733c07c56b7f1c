/**
 * The index of a folder of teachers: what is known of each without loading it.
 *
 * @module
 */
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import type { FileIdentity } from "../../weights/verified_file.ts";
import type { BackboneInput } from "../input.ts";

/** A file of weights that does not lie with the package: it is taken out of a wheel of a package index. */
export interface WheelOrigin {
  /** Name of the package. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Size of the wheel. */
  readonly bytes: number;
  /** SHA-256 of the wheel, 64 hexadecimal digits. */
  readonly sha256: string;
  /** The weights, by their path in the wheel. */
  readonly file: FileIdentity;
}

/** A teacher in the index of the zoo, known without loading it. */
export interface ZooEntry {
  /** Name by which it is loaded: small letters, digits and underscores. */
  readonly name: string;
  /** Architecture, which decides how its files are read. */
  readonly family:
    | "mobilenet_v1"
    | "mobilenet_v2"
    | "deeplab_v3"
    | "efficientnet_lite"
    | "resnet_cifar"
    | "vision_transformer";
  /** What it was trained to recognise. */
  readonly description: string;
  /** SPDX identifier of the licence of its weights. */
  readonly licence: string;
  /** Origin of its weights. */
  readonly source: string;
  /** Numbers per token. */
  readonly width: number;
  /** Pixels per patch token. */
  readonly stride: number;
  /** Number of parameters that its features depend on. */
  readonly parameters: number;
  /** Size and normalisation of the images in its training. */
  readonly input: BackboneInput;
  /**
   * Classes of its own classifier, one a line in the order of the outputs: an identifier and a tab, where
   * there is one, then names. Absent where it has no classifier of whole images.
   */
  readonly classes?: FileIdentity;
  /** Whether the first of the classes, background, has an output. Default true. */
  readonly background?: boolean;
  /** Where its weights are fetched from on first use. Absent where they are among its files. */
  readonly wheel?: WheelOrigin;
  /** Weights, their index where the format needs one, licence; below the folder of the manifest. */
  readonly files: readonly FileIdentity[];
}

const positive = z.number().int().positive();
const colour = z.tuple([z.number(), z.number(), z.number()]);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const fileSchema = z.strictObject({
  path: z.string().regex(/^[\w./-]+$/).refine((path) => !path.split("/").includes("..")),
  bytes: positive,
  sha256: digest,
});
const wheelSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  version: z.string().regex(/^\d[\w.]*$/),
  bytes: positive,
  sha256: digest,
  file: fileSchema,
});
const entrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9_]+$/),
  family: z.enum([
    "mobilenet_v1",
    "mobilenet_v2",
    "deeplab_v3",
    "efficientnet_lite",
    "resnet_cifar",
    "vision_transformer",
  ]),
  description: z.string(),
  licence: z.string(),
  source: z.string(),
  width: positive,
  stride: positive,
  parameters: positive,
  input: z.strictObject({ size: positive, mean: colour, std: colour }),
  classes: z.exactOptional(fileSchema),
  background: z.exactOptional(z.boolean()),
  wheel: z.exactOptional(wheelSchema),
  files: z.array(fileSchema),
});
const manifestSchema = z.strictObject({ version: z.literal(1), teachers: z.array(entrySchema) });

/**
 * Reads the index of a folder of teachers.
 *
 * @throws {UserError} Where it has another form.
 *
 * @example
 * ```ts
 * import { parseTeacherManifest } from "./manifest.ts";
 * if (parseTeacherManifest({ version: 1, teachers: [] }).length !== 0) throw new Error();
 * ```
 */
export function parseTeacherManifest(content: unknown): readonly ZooEntry[] {
  const parsed = manifestSchema.safeParse(content);
  if (parsed.success) return parsed.data.teachers;
  throw new UserError(
    `Cannot read the manifest of the teachers: ${z.prettifyError(parsed.error)}. ` +
      "Restore data/teachers/manifest.json, or mend the entry",
  );
}
