/** Reads the files of a teacher. */
import { UserError } from "../../errors/user_error.ts";
import { readFetchedWeights } from "./fetched_weights.ts";
import { type FileIdentity, readVerifiedFile } from "../../weights/verified_file.ts";
import type { ZooEntry } from "./manifest.ts";

const patterns = { weights: /\.(tflite|pth?|th|safetensors)$/, index: /tensors\.json$/ } as const;

/** The file with a teacher's weights, wherever it lies; undefined where its entry names none. */
export function weightsFile({ wheel, files }: ZooEntry): FileIdentity | undefined {
  return wheel?.file ?? files.find(({ path }) => patterns.weights.test(path));
}

/**
 * Reads one of a teacher's files, checked against its digest. Weights out of a wheel are fetched on
 * first use.
 *
 * @param folder Address of the folder of teachers, ending in a slash.
 * @throws {UserError} Where the entry names no such file, or the file is missing, cannot be fetched or
 *   has another digest.
 */
export async function readTeacherFile(
  entry: ZooEntry,
  folder: URL,
  kind: keyof typeof patterns,
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, files, wheel } = entry;
  if (kind === "weights" && wheel !== undefined) return await readFetchedWeights(wheel);
  const file = files.find(({ path }) => patterns[kind].test(path));
  if (file !== undefined) return await readVerifiedFile(file, folder);
  throw new UserError(
    `Cannot load the teacher "${name}": its entry names no file that matches ${patterns[kind]}. ` +
      "Restore the manifest of the teachers",
  );
}
