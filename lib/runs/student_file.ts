/** `student.safetensors`: the trained encoder alone, with everything that is needed to use it. */
import { basename } from "node:path";
import { z } from "zod";
import type { Backbone } from "../teachers/backbone.ts";
import { encoderBackbone, readEncoder } from "../teachers/encoder_backbone.ts";
import type { EncoderConfig } from "../nn/encoder.ts";
import type { BackboneInput } from "../teachers/input.ts";
import { UserError } from "../errors/user_error.ts";
import { decodeSafetensors, encodeSafetensors } from "../weights/safetensors/safetensors.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import { sha256 } from "../weights/verified_file.ts";
import { loadRecipe } from "../recipe/load.ts";
import { imagenetNormalization } from "../images/normalize.ts";
import { runPaths } from "./run_folder.ts";

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

/**
 * Reads an encoder back as a frozen network, which may serve as a teacher of another student.
 *
 * @throws {UserError} where the bytes are not those of {@link encodeStudent}
 */
export async function decodeStudent(bytes: Uint8Array, name: string): Promise<Backbone> {
  const { metadata } = decodeSafetensors(bytes, { source: `the student "${name}"` });
  const input = inputSchema.safeParse(JSON.parse(metadata.input ?? "null"));
  if (!input.success) {
    throw new UserError(
      `Cannot read the student "${name}": its metadata do not say what images it takes. ` +
        "Give the student.safetensors of a finished run",
    );
  }
  const { config, parameters } = readEncoder(bytes, name);
  return encoderBackbone({
    name,
    family: config.kind ?? "vision_transformer",
    licence: metadata.licence ?? "unknown",
    digest: await sha256(bytes),
    input: input.data,
    ...{ config, parameters },
  });
}

/** Opens the encoder in a `student.safetensors`; see {@linkcode decodeStudent}. */
export async function openStudentFile(path: string, name: string): Promise<Backbone> {
  return await decodeStudent(await Deno.readFile(path), name);
}

/**
 * The weights of a run folder or a `.safetensors` file; undefined for any other path.
 *
 * @throws {UserError} where a run has no student yet
 */
export async function locateStudent(
  path: string,
): Promise<{ path: string; name: string } | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (stat?.isFile && path.endsWith(".safetensors")) {
    return { path, name: basename(path, ".safetensors") };
  }
  if (!stat?.isDirectory) return undefined;
  const paths = runPaths(path);
  const student = await Deno.stat(paths.student).catch(() => undefined);
  if (student) return { path: paths.student, name: (await loadRecipe(paths.recipe)).name };
  throw new UserError(
    `Cannot open the student of "${path}": found no student.safetensors there, expected the folder ` +
      "of a finished run. Finish it with deno task distill RECIPE --resume.",
  );
}
