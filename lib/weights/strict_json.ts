/**
 * Parses JSON in which no object has a key twice. `JSON.parse` silently keeps the last of two equal
 * keys, so a file could show one tensor to one reader and another to the next.
 *
 * @module
 */

/**
 * Parses JSON, and refuses an object with a repeated key at any depth.
 *
 * @throws {SyntaxError} Where the text is not JSON, or an object has a key twice.
 *
 * @example
 * ```ts
 * import { parseStrictJson } from "./strict_json.ts";
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

/**
 * Brackets and strings, and whether a colon follows. A loop, as long texts exhaust a regular
 * expression.
 */
function* tokens(text: string): Generator<[token: string, colon: boolean]> {
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if ("{}[]".includes(character)) yield [character, false];
    if (character !== '"') continue;
    const start = at;
    do at += text[at] === "\\" ? 2 : 1; while (text[at] !== '"');
    let next = at + 1;
    while (/\s/.test(text.charAt(next))) next++;
    yield [text.slice(start, at + 1), text[next] === ":"];
  }
}
