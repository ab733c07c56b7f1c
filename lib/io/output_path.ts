/** Places that a program will write to, looked at before the work whose results belong there. */
import { dirname, resolve, sep } from "node:path";
import { UserError } from "../errors/user_error.ts";
import { explainDiskError } from "./disk_error.ts";

/**
 * Refuses a path at which no file can be written: of a folder, in a folder that is missing, or where this
 * user may not write. Nothing stays behind.
 *
 * @param option What names the path, in messages: "--out".
 * @throws {UserError} where it cannot be written
 *
 * @example
 * ```ts
 * import { checkOutputFile } from "./output_path.ts";
 * const folder = await Deno.makeTempDir();
 * await checkOutputFile(`${folder}/table.csv`, "--csv");
 * const refused = await checkOutputFile(folder, "--csv").then(() => false, () => true);
 * if (!refused) throw new Error("A folder is no file");
 * await Deno.remove(folder);
 * ```
 */
export async function checkOutputFile(path: string, option: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory || /[/\\]$/.test(path)) {
    throw refusal(path, option, "found a folder, expected the name of a file", "Add a file name");
  }
  const folder = dirname(path);
  const parent = await Deno.stat(folder).catch(() => undefined);
  if (parent === undefined) {
    const advice = `Create it first (mkdir -p "${folder}"), or choose another`;
    throw refusal(path, option, `there is no folder "${folder}"`, advice);
  }
  if (!parent.isDirectory) {
    throw refusal(path, option, `"${folder}" is no folder`, "Choose another place");
  }
  await tryWriting(folder, { path, option });
}

/**
 * Refuses a path at which no folder can be made or written to. It need not exist, nor those above it.
 * Nothing stays behind.
 *
 * @param option What names the path, in messages: "--run".
 * @throws {UserError} where it cannot be written
 */
export async function checkOutputFolder(path: string, option: string): Promise<void> {
  for (let folder = resolve(path);; folder = dirname(folder)) {
    const info = await Deno.stat(folder).catch((error) => {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return undefined;
      }
      throw explainDiskError(error, { path, purpose: `write ${option}` });
    });
    if (info === undefined && folder !== dirname(folder)) continue;
    if (info?.isDirectory) return await tryWriting(folder, { path, option });
    throw refusal(path, option, `"${folder}" is a file, expected a folder`, "Choose another place");
  }
}

/**
 * Refuses a folder of results inside a folder of images, which would be read among them the next time.
 *
 * @param output The folder to be written, with what names it in messages.
 * @param images Paths of folders and other sources of images.
 * @throws {UserError} where it lies in one of them
 */
export async function checkOutside(
  output: { readonly path: string; readonly option: string },
  images: readonly string[],
): Promise<void> {
  const path = await realPath(output.path);
  for (const source of images) {
    const folder = await realPath(source);
    if (path !== folder && !path.startsWith(folder + sep)) continue;
    throw refusal(
      output.path,
      output.option,
      `it lies in the images "${source}", where its files would be read among them`,
      "Choose a folder beside them",
    );
  }
}

/** The path without links, of its folder where there is nothing yet. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path);
  const known = await Deno.realPath(whole).catch(() => undefined);
  if (known !== undefined || whole === dirname(whole)) return known ?? whole;
  return resolve(
    await realPath(dirname(whole)),
    whole.slice(dirname(whole).length).replace(sep, ""),
  );
}

/** Writes a file and removes it: only the system knows who may write where. */
async function tryWriting(
  folder: string,
  { path, option }: { readonly path: string; readonly option: string },
): Promise<void> {
  const probe = `${folder}/.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    (await Deno.open(probe, { write: true, createNew: true })).close();
    await Deno.remove(probe);
  } catch (error) {
    throw explainDiskError(error, { path, purpose: `write ${option}` });
  }
}

function refusal(path: string, option: string, reason: string, advice: string): UserError {
  return new UserError(`Cannot write ${option} "${path}": ${reason}. ${advice}`);
}
