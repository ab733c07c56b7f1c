/** The changes that tests must notice can all be made, and the runner tells killed from living. */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { checkoutPath } from "../../../../lib/cli/checkout.ts";
import {
  chooseMutants,
  type Mutant,
  mutantFaults,
  readMutants,
  roomOf,
} from "../../../../lib/cli/commands/repository/mutant_list.ts";
import { tryMutants } from "../../../../lib/cli/commands/repository/mutant_queue.ts";
import { mutantLines, unexplained } from "../../../../lib/cli/commands/repository/mutant_report.ts";
import type { TriedMutant } from "../../../../lib/cli/commands/repository/mutant_progress.ts";
import { UserError } from "../../../../lib/errors/user_error.ts";
import { inTemporaryFolder } from "../../../io/temporary_folder_fixture.ts";

const root = checkoutPath();

Deno.test("every change is found once in its file, has a name of its own and tests that exist", async () => {
  const mutants = await readMutants(root);
  assertEquals(await mutantFaults(mutants, root), []);
  assertGreaterOrEqual(mutants.length, 200);
  const rooms = (await Array.fromAsync(Deno.readDir(`${root}/lib`)))
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  const without = rooms.filter((room) => !mutants.some((mutant) => roomOf(mutant) === room));
  assertEquals(without, [], "every room has changes");
});

/** A repository of one line, with a test that looks at one of its two numbers. */
async function writeRepository(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/lib/room`, { recursive: true });
  await Deno.mkdir(`${folder}/tests/mutants`, { recursive: true });
  await Deno.mkdir(`${folder}/node_modules`);
  await Deno.writeTextFile(`${folder}/deno.json`, "{}");
  await Deno.writeTextFile(`${folder}/lib/room/a.ts`, "export const [seen, unseen] = [1, 2];\n");
  const test = 'import { seen } from "../lib/room/a.ts";\n' +
    'Deno.test("seen", () => { if (seen !== 1) throw new Error("seen"); });\n';
  await Deno.writeTextFile(`${folder}/tests/a_test.ts`, test);
}

const mutant = (name: string, old: string, now: string, equivalent?: string): Mutant => ({
  ...{ name, file: "lib/room/a.ts", old, new: now, tests: ["tests/a_test.ts"], equivalent },
});

async function tried(
  folder: string,
  mutants: readonly Mutant[],
  { known, limit }: { readonly known?: TriedMutant; readonly limit?: number } = {},
) {
  const outcomes = new Map<Mutant, TriedMutant>();
  await tryMutants(mutants, {
    root: folder,
    processes: 1,
    signal: new AbortController().signal,
    progress: () => {},
    work: () => {},
    known: () => known,
    onKnown: (mutant, outcome) => outcomes.set(mutant, outcome),
    onTried: (mutant, outcome) => Promise.resolve(void outcomes.set(mutant, outcome)),
    limitOf: limit === undefined ? undefined : () => limit,
  });
  return outcomes;
}

Deno.test("a noticed change is killed, an unnoticed one lives, what is no program is said", () =>
  inTemporaryFolder(async (folder) => {
    await writeRepository(folder);
    const mutants = [
      mutant("another first", "[1, 2]", "[3, 2]"),
      mutant("another second", "[1, 2]", "[1, 3]"),
      mutant("no program", "[1, 2]", "[1, 2"),
      mutant("explained", "[1, 2]", "[1, 4]", "nobody reads the second"),
    ];
    assertEquals(await mutantFaults(mutants, folder), []);
    const outcomes = await tried(folder, mutants);
    assertEquals(mutants.map((one) => outcomes.get(one)?.outcome), [
      "killed",
      "living",
      "broken",
      "living",
    ]);
    const text = await Deno.readTextFile(`${folder}/lib/room/a.ts`);
    assertEquals(text, "export const [seen, unseen] = [1, 2];\n", "only copies are changed");
    assertEquals(unexplained(mutants, outcomes).map(({ name }) => name), [
      "another second",
      "no program",
    ]);
    const { summary, details } = mutantLines(mutants, outcomes);
    assertEquals(summary, "4 changes, 1 killed, 3 living (1 explained as equivalent)");
    assert(details.includes("LIVING: another second (lib/room/a.ts)"), details.join("\n"));
    const [killed] = mutants;
    const wrong = { ...killed!, equivalent: "wrongly" };
    const outcome = { outcome: "killed", seconds: 1 } as const;
    assertEquals(unexplained([wrong], new Map([[wrong, outcome]])), [wrong]);
    assertEquals(
      await tried(folder, mutants, { known: outcome }),
      new Map(mutants.map((m) => [m, outcome])),
    );
  }));

Deno.test("a change that keeps its tests from ending is stopped, and counts as killed", () =>
  inTemporaryFolder(async (folder) => {
    await writeRepository(folder);
    const endless = mutant("endless", "= [1, 2]", "= (() => { for (;;); })() ?? [1, 2]");
    const outcomes = await tried(folder, [endless], { limit: 2 });
    assertEquals(outcomes.get(endless)?.outcome, "timeout");
    const { summary, details } = mutantLines([endless], outcomes);
    assert(summary.startsWith("1 changes, 1 killed, 0 living"), summary);
    assert(details.includes("killed by its time limit: endless (lib/room/a.ts)"));
  }));

Deno.test("tests that fail without a change are named, as is a filter that fits none", () =>
  inTemporaryFolder(async (folder) => {
    await writeRepository(folder);
    const none = { ...mutant("another first", "[1, 2]", "[3, 2]"), filter: "/^none/" };
    const nothing = await assertRejects(() => tried(folder, [none]), UserError);
    assert(nothing.message.includes('the filter "/^none/" without a change: found no test'));
    await Deno.writeTextFile(`${folder}/lib/room/a.ts`, "export const [seen, unseen] = [9, 2];\n");
    const error = await assertRejects(
      () => tried(folder, [mutant("another first", "[9, 2]", "[1, 2]")]),
      UserError,
    );
    assert(error.message.startsWith("Ran tests/a_test.ts without a change: found a failure"));
  }));

Deno.test("a list is refused where a change cannot be made, and where it is that of another room", () =>
  inTemporaryFolder(async (folder) => {
    await writeRepository(folder);
    const wrong = [
      mutant("twice", "e", "f"),
      mutant("twice", "[1, 2]", "[1, 2]"),
      { ...mutant("no test", "[1, 2]", "[2, 1]"), tests: ["tests/b_test.ts"] },
      { ...mutant("no file", "[1, 2]", "[2, 1]"), file: "lib/room/b.ts" },
    ];
    assertEquals(await mutantFaults(wrong, folder), [
      "room: twice: found old 5 times in lib/room/a.ts, expected once",
      "room: twice: another change has this name",
      "room: twice: old and new are the same",
      "room: no test: there is no test file tests/b_test.ts",
      "room: no file: found old 0 times in lib/room/b.ts, expected once",
    ]);
    const { equivalent: _, ...stray } = mutant("stray", "[1, 2]", "[2, 1]");
    await Deno.writeTextFile(`${folder}/tests/mutants/hall.json`, JSON.stringify([stray]));
    await assertRejects(() => readMutants(folder), UserError, "a change of lib/room/a.ts");
    await Deno.remove(`${folder}/tests/mutants/hall.json`);
    // A room with many changes has several lists.
    await Deno.mkdir(`${folder}/tests/mutants/room/inner`, { recursive: true });
    await Deno.writeTextFile(`${folder}/tests/mutants/room/inner/a.json`, JSON.stringify([stray]));
    assertEquals((await readMutants(folder)).map(({ name }) => name), ["stray"]);
    await Deno.mkdir(`${folder}/tests/mutants/hall`);
    await Deno.writeTextFile(`${folder}/tests/mutants/hall/a.json`, JSON.stringify([stray]));
    await assertRejects(() => readMutants(folder), UserError, "expected files of lib/hall");
  }));

Deno.test("changes are chosen by room and by name; unknown ones are errors", () => {
  const mutants = [mutant("a", "1", "2"), { ...mutant("b", "1", "2"), file: "lib/hall/b.ts" }];
  const choose = (rooms: string[], names: string[]) =>
    chooseMutants(mutants, { rooms, names }).map(({ name }) => name);
  assertEquals([choose([], []), choose(["hall"], []), choose(["room"], ["a"])], [
    ["a", "b"],
    ["b"],
    [
      "a",
    ],
  ]);
  assertThrows(() => choose(["halls"], []), UserError, 'the room "halls"');
  assertThrows(() => choose(["halls"], []), UserError, 'Did you mean "hall"?');
  assertThrows(() => choose([], ["c"]), UserError, 'the name "c"');
});
