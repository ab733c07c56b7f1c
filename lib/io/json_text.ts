/** A string, which comments and commas inside it do not end. */
const quoted = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/.source;
const comment = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/.source;
/** A comma between the end of a value and a closing bracket. */
const surplusComma = /(?<=["\w}\]]\s*),(?=\s*[}\]])/.source;

/**
 * Parses JSON that a person may have written: comments, of a line or between a slash and star, and a
 * comma before a closing bracket are passed over; everything else is as strict as JSON.
 *
 * @throws {SyntaxError} with what is wrong, and where.
 *
 * @example
 * ```ts
 * import { parseJson } from "./json_text.ts";
 * const value = parseJson('{ "url": "http://a//b", "steps": [1, 2,], } // end');
 * if (JSON.stringify(value) !== '{"url":"http://a//b","steps":[1,2]}') throw new Error("Changed");
 * ```
 */
export function parseJson(text: string): unknown {
  if (text.trim() === "") throw new SyntaxError("it is empty");
  try {
    return JSON.parse(text);
  } catch {
    // Blanks of the same length keep the places in messages those of the file.
    return JSON.parse(blanked(blanked(text, comment), surplusComma));
  }
}

/** The text with blanks for what matches outside of strings. */
function blanked(text: string, pattern: string): string {
  return text.replace(
    new RegExp(`${quoted}|${pattern}`, "g"),
    (part) => part.startsWith('"') || isOpen(part) ? part : part.replace(/[^\n]/g, " "),
  );
}

/** Whether it is a comment without an end, which stays, to be refused. */
function isOpen(part: string): boolean {
  return part.startsWith("/*") && !/^\/\*[^]*\*\/$/.test(part);
}
