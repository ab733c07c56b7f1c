/** `student.safetensors`: the trained encoder alone, with everything that is needed to use it. */
import { z } from "zod";
import type { Backbone } from "./backbone.ts";
import { encoderBackbone, readEncoder } from "./encoder_backbone.ts";
import type { EncoderConfig } from "../nn/encoder.ts";
import type { BackboneInput } from "./input.ts";
import { UserError } from "../errors/user_error.ts";
import { decodeSafetensors, encodeSafetensors } from "../weights/safetensors/safetensors.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { sha256 } from "../weights/verified_file.ts";
import { licenceOf, strictestPart } from "./licences.ts";
import { imagenetNormalization } from "../images/normalize.ts";

const channels = z.tuple([z.number(), z.number(), z.number()]);
const inputSchema = z.object({ size: z.int().positive(), mean: channels, std: channels });

const prefix = "encoder.";

/**
 * The encoder among the tensors of a state, as the bytes of a safetensors file. Its metadata hold the
 * architecture (`config`) and the input (`input`: size, mean, std), and the entries that the caller adds.
 */
export function encodeStudent(
  tensors: ReadonlyMap<string, FloatTensor>,
  config: EncoderConfig,
  metadata: Readonly<Record<string, string>> = {},
  input: BackboneInput = { size: config.imageSize, ...imagenetNormalization },
): Uint8Array {
  const encoder = [...tensors]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
  return encodeSafetensors(new Map(encoder), {
    ...metadata,
    config: JSON.stringify(config),
    input: JSON.stringify(input),
  });
}

/** Stands for a family in `student:FILE`, which names a trained student as a teacher of another. */
export const studentFamily = "student";

/**
 * Reads an encoder back as a frozen network, which may serve as a teacher of another student.
 *
 * @param options inputSize: side in pixels to which images are resized; default that of its training
 * @throws {UserError} where the bytes are not those of {@link encodeStudent}, or it cannot take the size
 */
export async function decodeStudent(
  bytes: Uint8Array,
  name: string,
  { inputSize }: { readonly inputSize?: number | undefined } = {},
): Promise<Backbone> {
  const { metadata } = decodeSafetensors(bytes, { source: `the student "${name}"` });
  const input = inputSchema.safeParse(JSON.parse(metadata.input ?? "null"));
  if (!input.success) {
    throw new UserError(
      `Cannot read the student "${name}": its metadata do not say what images it takes. ` +
        "Give the student.safetensors of a finished run",
    );
  }
  const { config, parameters } = readEncoder(bytes, name);
  const { size } = input.data, digest = await sha256(bytes);
  const isOther = inputSize !== undefined && inputSize !== size;
  return encoderBackbone({
    name,
    family: config.kind ?? "vision_transformer",
    licence: metadata.licence ?? licenceOfTeachers(metadata),
    digest: isOther ? await sha256(new TextEncoder().encode(`${digest} ${inputSize}`)) : digest,
    input: { ...input.data, size: inputSize ?? size },
    ...{ config, parameters },
  });
}

const licencesSchema = z.record(z.string(), z.string());

/** The licence of each teacher of a student, from its metadata; none where these do not say. */
export function teacherLicences(
  { teacherLicences: json = "{}" }: Readonly<Record<string, string>>,
): Record<string, string> {
  try {
    return licencesSchema.safeParse(JSON.parse(json)).data ?? {};
  } catch {
    return {};
  }
}

/** The strictest licence of a student's teachers, from its metadata. */
function licenceOfTeachers(metadata: Readonly<Record<string, string>>): string {
  const parts = Object.entries(teacherLicences(metadata)).map(([name, id]) => ({
    name,
    licence: licenceOf(id),
  }));
  return strictestPart(parts)?.licence.id ?? "unknown";
}

/** Opens the encoder in a `student.safetensors`, or in the folder of its run; see {@linkcode decodeStudent}. */
export async function openStudentFile(
  path: string,
  name: string,
  options: { readonly inputSize?: number | undefined } = {},
): Promise<Backbone> {
  const { isDirectory } = await Deno.stat(path);
  const file = isDirectory ? `${path}/student.safetensors` : path;
  return await decodeStudent(await Deno.readFile(file), name, options);
}
