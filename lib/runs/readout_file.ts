/** The readout that is stored with a student: `readout.json` of its run, or metadata of its exported file. */
import { jsonArtifact } from "../io/json_artifact.ts";
import { UserError } from "../errors/user_error.ts";
import {
  type FittedReadout,
  isFitted,
  parseReadout,
  type Readout,
  readoutSchema,
} from "../teachers/readout/readout.ts";
import { readSafetensors } from "../weights/safetensors/safetensors.ts";
import { runPaths } from "./run_folder.ts";
import { locateStudent } from "./locate_student.ts";

const artifact = jsonArtifact<Readout | FittedReadout>({
  noun: "a readout",
  schema: readoutSchema,
  advice: "Choose it anew with deno task evaluate RUN --readout chosen.",
  indent: 0,
});

/** Replaces `readout.json` of a run folder. */
export async function writeReadout(folder: string, readout: FittedReadout): Promise<void> {
  await artifact.write(runPaths(folder).readout, readout);
}

/**
 * Reads the readout that was stored with a student: in the folder of its run, or in the file that it was
 * exported to.
 *
 * @param source A run folder, or a student.safetensors.
 * @param network Digest of the student. One in a file's metadata is of that file itself.
 * @throws {UserError} where there is none, or it is something else
 */
export async function readStoredReadout(source: string, network: string): Promise<FittedReadout> {
  const student = await locateStudent(source);
  if (student === undefined) throw noneStored(source, "only students keep one");
  const { readout: path } = runPaths(source);
  if (student.path !== source) {
    const kept = await artifact.read(path);
    if (kept !== undefined && isFitted(kept)) return kept;
    throw noneStored(source, `there is no readout of this student in "${path}"`);
  }
  const { metadata: { readout } } = await readSafetensors(source);
  if (readout === undefined) throw noneStored(source, "its metadata hold none");
  return { ...parseReadout(readout, source), network };
}

function noneStored(source: string, found: string): UserError {
  return new UserError(
    `Cannot read "${source}" out by the readout that was chosen for it: ${found}. Choose one with ` +
      "deno task evaluate RUN --readout chosen",
  );
}

/**
 * Reads a readout from a file, such as a `readout.json` or one that was written by hand.
 *
 * @throws {UserError} where there is no such file, or it is something else
 */
export async function readReadoutFile(path: string): Promise<Readout | FittedReadout> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(
      `Cannot read the readout "${path}": found no such file, expected as-is, chosen or the path of a ` +
        "JSON file. Check the path",
    );
  }
  return parseReadout(text, path);
}
