/**
 * Names of files in image sets: one form for all systems, and those that systems leave behind.
 *
 * @module
 */
import { quote } from "../../errors/quote.ts";

/** Files and folders that systems and programs make for themselves, in small letters. */
const systemNames: ReadonlySet<string> = new Set([
  "__macosx",
  ".ds_store",
  "thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "@eadir",
  "#recycle",
  "lost+found",
  "$recycle.bin",
  "recycler",
  "system volume information",
  ".ipynb_checkpoints",
  ".spotlight-v100",
  ".trashes",
  ".fseventsd",
]);

/** Whether a part of a path is a system's own, such as `__MACOSX`, `Thumbs.db` or `._1.png`. */
export function isSystemName(part: string): boolean {
  return part.startsWith("._") || systemNames.has(part.toLowerCase());
}

/** Whether a part of a path is hidden on Unix. */
export function isHidden(part: string): boolean {
  return part.startsWith(".");
}

/**
 * A name as all systems are taken to mean it: no `./` and no empty parts, and letters with accents in
 * their composed Unicode form, so that macOS and others agree.
 *
 * @example
 * ```ts
 * import { normalName } from "./names.ts";
 * if (normalName("./a//cafe\u0301.png") !== "a/caf\u00e9.png") throw new Error("Expected one form");
 * ```
 */
export function normalName(name: string): string {
  const plain = /(^|\/)\.?(\/|$)/.test(name)
    ? name.split("/").filter((part) => part !== "" && part !== ".").join("/")
    : name;
  return plain.normalize("NFC");
}

/** The ending of a name in small letters, without the dot; "" where it has none. */
export function endingOf(name: string): string {
  const base = name.slice(name.lastIndexOf("/") + 1);
  const dot = base.lastIndexOf(".");
  return dot <= 0 ? "" : base.slice(dot + 1).toLowerCase();
}

/** By UTF-16 code units: the same on every machine, whatever its language. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Names in quotes, the first five of many. */
export function quotedList(names: readonly string[]): string {
  if (names.length === 0) return "no folder";
  const shown = names.slice(0, 5).map(quote).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
