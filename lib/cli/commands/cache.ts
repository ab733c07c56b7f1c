/** `cache`: what the package keeps in the user's cache folder. */
import { ageText, sizeText } from "../../io/folder_size.ts";
import { userCache } from "../../io/user_cache.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { cacheContent, type CacheKind, removeKind } from "../cache_content.ts";
import { defineCommand, UsageError } from "../command.ts";

/** The command, as a value. */
export const cache = defineCommand({
  name: "cache",
  group: "maintain",
  summary: "Lists what the package keeps in its cache, with sizes; --clean removes it",
  details:
    "--clean removes what is made again when it is missing: decoded images, features, leftovers. What\n" +
    "takes a network to come back (library, notebooks) goes only where it is named as a KIND. Files\n" +
    "that a process has open stay. The cache is hashigo in XDG_CACHE_HOME, else in the user's cache.",
  example: "--clean images features --yes",
  positionals: ["[KIND...]"],
  options: {
    clean: {
      type: "flag",
      summary: "removes the kinds that are named, or all that are made again",
    },
    yes: { type: "flag", summary: "does not ask first" },
  },
  run: async ({ positionals, options, say, emit }) => {
    const folder = userCache();
    const kinds = chosenKinds(await cacheContent(folder), positionals);
    if (!options.clean) {
      say(`${folder}: ${sizeText(total(kinds))}`);
      if (kinds.length > 0) say(`\n${table(kinds)}`);
      return emit({ folder, kinds: kinds.map(rowOf) });
    }
    const doomed = kinds.filter(({ isMadeHere }) => isMadeHere || positionals.length > 0)
      .filter(({ kind }) => kind !== "other");
    if (doomed.length > 0 && !options.yes && !agrees(doomed, folder)) {
      say("nothing was removed");
      return 1;
    }
    const removed = [];
    for (const kind of doomed) removed.push({ kind: kind.kind, ...await removeKind(kind) });
    for (const { kind, freed, inUse } of removed) {
      const stayed = inUse === 0 ? "" : `; ${inUse} files stay, a process uses them`;
      say(`${kind}: freed ${sizeText(freed)}${stayed}`);
    }
    const freed = removed.reduce((sum, kind) => sum + kind.freed, 0);
    say(`freed ${sizeText(freed)} in ${folder}`);
    emit({ folder, freed, removed });
  },
});

function chosenKinds(kinds: readonly CacheKind[], names: readonly string[]): readonly CacheKind[] {
  const known = [
    ...["images", "features", "pooled_features", "mutants", "tuning", "library", "notebooks"],
  ];
  const all = [...known, "leftovers"];
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Found the unknown kind ${unknown}, expected one of ${all.join(", ")}`);
  }
  return names.length === 0 ? kinds : kinds.filter(({ kind }) => names.includes(kind));
}

/** Asks in a terminal; elsewhere nobody can answer. */
function agrees(kinds: readonly CacheKind[], folder: string): boolean {
  const what = `${sizeText(total(kinds))} of ${kinds.map(({ kind }) => kind).join(", ")}`;
  if (Deno.stdin.isTerminal()) return confirm(`Remove ${what} from ${folder}?`);
  throw new UsageError(`Found --clean without a terminal to ask in, expected --yes (${what})`);
}

function total(kinds: readonly CacheKind[]): number {
  return kinds.reduce((sum, { bytes }) => sum + bytes, 0);
}

function table(kinds: readonly CacheKind[]): string {
  const now = Date.now();
  return textTable(
    ["kind", "files", "size", "last used", "--clean", "what it is"],
    kinds.map((kind) => [
      kind.kind,
      `${kind.files}`,
      sizeText(kind.bytes),
      lastUsedText(kind, now),
      kind.isMadeHere ? "yes" : kind.kind === "other" ? "never" : "if named",
      kind.description,
    ]),
    [0, 4, 5],
  );
}

function lastUsedText({ files, used }: CacheKind, now: number): string {
  if (files === 0) return "-";
  return `${ageText(now - used)}${now - used < 60_000 ? "" : " ago"}`;
}

function rowOf({ kind, files, bytes, used, isMadeHere }: CacheKind) {
  return {
    kind,
    files,
    bytes,
    lastUsed: files === 0 ? null : new Date(used).toISOString(),
    cleaned: isMadeHere,
  };
}
