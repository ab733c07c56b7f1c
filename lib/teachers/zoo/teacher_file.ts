/** Reads the files of a teacher. */
import { UserError } from "../../errors/user_error.ts";
import { readVerifiedFile } from "../../weights/verified_file.ts";
import type { ZooEntry } from "./manifest.ts";

const patterns = { weights: /\.(tflite|th|safetensors)$/, index: /tensors\.json$/ } as const;

/**
 * Reads one of a teacher's files, checked against its digest.
 *
 * @param folder Address of the folder of teachers, ending in a slash.
 * @throws {UserError} Where the entry names no such file, or the file is missing or has another digest.
 */
export function readTeacherFile(
  { name, files }: ZooEntry,
  folder: URL,
  kind: keyof typeof patterns,
): Promise<Uint8Array> {
  const file = files.find(({ path }) => patterns[kind].test(path));
  if (file !== undefined) return readVerifiedFile(file, folder);
  throw new UserError(
    `Cannot load the teacher "${name}": its entry names no file that matches ${patterns[kind]}. ` +
      "Restore the manifest of the teachers",
  );
}
