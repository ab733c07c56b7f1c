/** A field of a protocol-buffer message: its number and its value (nested messages are bytes). */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/**
 * Walks through the fields of a protocol-buffer message. Enough for op definitions: integers
 * beyond 2^53 lose precision, and 64-bit and 32-bit fixed fields come as bytes.
 */
export function* fields(message: Uint8Array): Generator<Field> {
  let at = 0;
  function varint(): number {
    let value = 0, scale = 1;
    for (;;) {
      const byte = message[at++];
      if (byte === undefined) throw new Error("A protocol-buffer message ends inside a number");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8), wire = tag % 8;
    if (wire === 0) {
      yield { number, value: varint() };
      continue;
    }
    const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : -1;
    if (length < 0) throw new Error(`A protocol-buffer message has a field of wire type ${wire}`);
    yield { number, value: message.subarray(at, at += length) };
  }
}
