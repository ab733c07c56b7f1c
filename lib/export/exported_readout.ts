/** The readout that goes into the metadata of an exported student. */
import { UserError } from "../errors/user_error.ts";
import { type EncoderConfig, encoderStages } from "../nn/encoder.ts";
import { readStoredReadout } from "../runs/readout_file.ts";
import { checkReadout } from "../teachers/readout/check_readout.ts";
import { type FittedReadout, isFitted, type Readout } from "../teachers/readout/readout.ts";
import { sha256 } from "../weights/verified_file.ts";

/** Refuses a readout in a file whose readers know no stages. */
export function checkReadoutFormat(
  source: string,
  { format, out }: { readonly format: string; readonly out: string },
): void {
  if (format === "safetensors" && !out.endsWith(".pth")) return;
  throw new UserError(
    `Cannot export "${source}" with a readout as ${format} to "${out}": only the format safetensors keeps ` +
      "one, in its metadata. Leave --readout out, or choose --format safetensors",
  );
}

/**
 * The readout to keep in the metadata of a student of these bytes; undefined where it is read as it is.
 *
 * @throws {UserError} where none is stored, it does not fit, or it needs what the file does not hold: projectors,
 * or statistics.
 */
export async function exportedReadout(
  source: string,
  bytes: Uint8Array,
  encoder: EncoderConfig,
  requested: "as_is" | "chosen" | Readout | FittedReadout,
): Promise<Readout | undefined> {
  if (requested === "as_is") return undefined;
  const digest = await sha256(bytes);
  const readout = requested === "chosen" ? await readStoredReadout(source, digest) : requested;
  if (Object.keys(readout.predictions ?? {}).length > 0) {
    throw new UserError(
      `Cannot export "${source}" with its readout: it reads predictions of teachers, and the projectors that ` +
        "make them are not in a student.safetensors. Write features with deno task features RUN --readout " +
        "chosen, or export a readout of stages alone",
    );
  }
  const { width } = encoderStages(encoder).at(-1)!;
  const tokens = ["cls", "patch"] as const;
  // Only whether there are stages is asked.
  const stages = () => [];
  checkReadout(readout, { name: source, digest, width, tokens, encoder, stages });
  if (readout.standardized === true && !isFitted(readout)) {
    throw new UserError(
      `Cannot export "${source}" with its readout: found no statistics to standardise by. Fit it with ` +
        `deno task evaluate ${source} --readout FILE, then export with --readout chosen`,
    );
  }
  // What was tried is of no use to a reader, and large.
  const { trials: _trials, ...kept } = { trials: undefined, ...readout };
  return kept;
}
