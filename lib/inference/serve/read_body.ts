/** Reads the body of a request, up to a size and a time. */

/** Why a body was not read. */
export type BodyRefusal = "too large" | "too slow" | "empty" | "broken off";

/** Bounds of {@linkcode readBody}. */
export interface BodyBounds {
  /** Bytes at most. */
  readonly bytes: number;
  /** Milliseconds until all of it is there at most. */
  readonly milliseconds: number;
}

/**
 * The bytes of a body, of which no more than the bound are ever held.
 *
 * @example
 * ```ts
 * import { readBody } from "./read_body.ts";
 * const request = new Request("http://localhost", { method: "POST", body: new Uint8Array(9) });
 * const read = await readBody(request, { bytes: 8, milliseconds: 1000 });
 * if (read !== "too large") throw new Error("Nine bytes are more than eight");
 * ```
 */
export async function readBody(
  { headers, body }: Pick<Request, "headers" | "body">,
  { bytes: most, milliseconds }: BodyBounds,
): Promise<Uint8Array<ArrayBuffer> | BodyRefusal> {
  if (body === null) return "empty";
  const reader = body.getReader();
  const leave = (why: BodyRefusal) => {
    reader.cancel().catch(() => {});
    return why;
  };
  // What is announced is refused before it comes; what is not is counted.
  if (Number(headers.get("content-length") ?? 0) > most) return leave("too large");
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => {});
  }, milliseconds);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length;
      if (length > most) return leave("too large");
      chunks.push(part.value);
    }
  } catch {
    return isLate ? "too slow" : "broken off";
  } finally {
    clearTimeout(timer);
  }
  if (isLate) return "too slow";
  return length === 0 ? "empty" : joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let from = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, from);
    from += chunk.length;
  }
  return bytes;
}
