import { basename, dirname } from "node:path";
import { suggestion } from "../../errors/did_you_mean.ts";
import { UserError } from "../../errors/user_error.ts";
import { packageImages } from "../../io/package_data.ts";

/**
 * Refuses a path at which there is nothing, before anything is opened.
 *
 * @throws {UserError} with the nearest names beside it
 */
export async function checkSource(path: string): Promise<void> {
  const located = packageImages(path);
  if (await Deno.stat(located).then(() => true, () => false)) return;
  throw await missingSource(path);
}

/** The error for a path at which there is nothing, with the nearest names beside it. */
export async function missingSource(path: string, cause?: unknown): Promise<UserError> {
  const located = packageImages(path);
  const near = suggestion(
    basename(located),
    await namesIn(dirname(located)),
    (name) => `"${name}"`,
  );
  return new UserError(
    `Cannot open the images "${path}": no such file or folder (looked from ${Deno.cwd()}). ` +
      (near ||
        "Give a folder with one subfolder per class, or of images alone, or a zip file of one"),
    { cause },
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch {
    return [];
  }
}
