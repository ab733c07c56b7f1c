/**
 * Changes of single places in `lib` that tests must notice, by room in `tests/mutants/ROOM.json`,
 * or, of a room with many, in several lists below `tests/mutants/ROOM`.
 *
 * @module
 */
import { z } from "zod";
import { suggestion } from "../../../errors/did_you_mean.ts";
import { UserError } from "../../../errors/user_error.ts";
import { jsonArtifact } from "../../../io/json_artifact.ts";
import { readTextIfThere } from "../../../io/text_file.ts";

const mutantSchema = z.strictObject({
  name: z.string().min(1),
  file: z.string().min(1),
  old: z.string().min(1),
  new: z.string(),
  tests: z.array(z.string().min(1)).min(1),
  filter: z.string().min(1).optional(),
  equivalent: z.string().min(1).optional(),
});

/** One change, and the tests that should fail with it. */
export interface Mutant {
  /** What it does, in a few words; no other has the same. */
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly file: string;
  /** Text of the file, found there exactly once. */
  readonly old: string;
  /** What stands there instead. */
  readonly new: string;
  /** Test files, relative to the root of the repository. */
  readonly tests: readonly string[];
  /** Runs only the tests whose name contains it, or fits it where it is a `/pattern/`. Default: all. */
  readonly filter?: string | undefined;
  /** Why no test can notice the change. Default: one must. */
  readonly equivalent?: string | undefined;
}

const mutantFile = jsonArtifact({
  noun: "a list of changes with name, file, old, new and tests",
  schema: z.array(mutantSchema),
  advice: "Correct the list",
});

/** Where the lists lie, relative to the root of the repository. */
export const mutantsFolder = "tests/mutants";

/** Room of a change: `method` for `lib/method/losses.ts`. */
export function roomOf({ file }: Pick<Mutant, "file">): string {
  return file.split("/")[1] ?? "";
}

/**
 * All changes, room by room.
 *
 * @throws {UserError} where a list has another form, or holds a change of another room
 */
export async function readMutants(root: string): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  for (const list of await listsIn(`${root}/${mutantsFolder}`)) {
    const path = `${root}/${mutantsFolder}/${list}`;
    const room = list.replace(/(\/.*|\.json)$/, "");
    const read = await mutantFile.read(path) ?? [];
    const stray = read.find((mutant) => roomOf(mutant) !== room);
    if (stray !== undefined) {
      throw new UserError(
        `Cannot use "${path}": found a change of ${stray.file}, expected files of lib/${room}. Move it to ` +
          "the list of its room",
      );
    }
    mutants.push(...read);
  }
  return mutants;
}

/** Names of all lists, those in folders with their folder. */
async function listsIn(folder: string): Promise<string[]> {
  const lists: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) lists.push(name);
    else lists.push(...(await listsIn(`${folder}/${name}`)).map((list) => `${name}/${list}`));
  }
  return lists.sort();
}

/** What is wrong with the changes for this state of the repository, a line each; none: all can be made. */
export async function mutantFaults(mutants: readonly Mutant[], root: string): Promise<string[]> {
  const faults: string[] = [], seen = new Set<string>();
  for (const mutant of mutants) {
    const { name, file, old, tests } = mutant;
    const fault = (text: string) => faults.push(`${roomOf(mutant)}: ${name}: ${text}`);
    if (seen.has(name)) fault("another change has this name");
    seen.add(name);
    if (old === mutant.new) fault("old and new are the same");
    const count = (await readTextIfThere(`${root}/${file}`) ?? "").split(old).length - 1;
    if (count !== 1) fault(`found old ${count} times in ${file}, expected once`);
    for (const test of tests) {
      if (!await readTextIfThere(`${root}/${test}`)) fault(`there is no test file ${test}`);
    }
  }
  return faults;
}

/** The changes of some rooms, or of some names; all where neither is named. */
export function chooseMutants(
  mutants: readonly Mutant[],
  { rooms, names }: { readonly rooms: readonly string[]; readonly names: readonly string[] },
): Mutant[] {
  for (
    const { asked, known, noun } of [
      { asked: rooms, known: mutants.map(roomOf), noun: "room" },
      { asked: names, known: mutants.map(({ name }) => name), noun: "name" },
    ]
  ) {
    const unknown = asked.find((one) => !known.includes(one));
    if (unknown === undefined) continue;
    const near = suggestion(unknown, [...new Set(known)], (one) => `"${one}"`);
    throw new UserError(
      `Found the ${noun} "${unknown}", expected that of a change in ${mutantsFolder}. ${near}`
        .trim(),
    );
  }
  return mutants.filter((mutant) =>
    (rooms.length === 0 || rooms.includes(roomOf(mutant))) &&
    (names.length === 0 || names.includes(mutant.name))
  );
}
