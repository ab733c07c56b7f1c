/**
 * JSON in which no object names a key twice. `JSON.parse` keeps the last of two equal keys in
 * silence, so a file could show one tensor to one reader and another one to the next.
 *
 * @module
 */

/**
 * Parses `text`, and refuses an object with a repeated key at any depth.
 *
 * @throws {SyntaxError} Where the text is not JSON, or names a key twice.
 *
 * @example
 * ```ts
 * import { parseStrictJson } from "@hashigo/hashigo";
 * let refused = false;
 * try {
 *   parseStrictJson('{"a": 1, "a": 2}');
 * } catch {
 *   refused = true;
 * }
 * if (!refused) throw new Error("A repeated key is refused");
 * ```
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  refuseRepeatedKeys(text);
  return value;
}

/** One pass over text that is known to be JSON: a string followed by a colon is a key. */
function refuseRepeatedKeys(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, colon] of tokens(text)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon) {
      const key: string = JSON.parse(token);
      const keys = open.at(-1);
      if (keys?.has(key)) throw new SyntaxError(`the key ${token} is named twice`);
      keys?.add(key);
    }
  }
}

/** Brackets, and strings with whether a colon follows. */
function* tokens(text: string): Generator<[token: string, colon: boolean]> {
  const pattern = /[{}[\]]|"(?:[^"\\]|\\.)*"(\s*:)?/gs;
  for (const match of text.matchAll(pattern)) {
    const colon = match[1] ?? "";
    yield [match[0].slice(0, match[0].length - colon.length), colon !== ""];
  }
}
