/**
 * Reads the arguments of a pickle's operations, one after another and none beyond the end.
 *
 * @module
 */
import type { Refuse } from "../refuse_reading.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A position in the bytes of a pickle that only moves forward. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #refuse: Refuse;
  /** Position of the next byte. */
  at: number;

  constructor(bytes: Uint8Array, at: number, refuse: Refuse) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#refuse = refuse;
    this.at = at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#pass(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#pass(4), true);
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.#pass(8), true));
  }

  /** Pickles store real numbers, and nothing else, with the highest byte first. */
  float64(): number {
    return this.#view.getFloat64(this.#pass(8));
  }

  take(length: number): Uint8Array {
    const at = this.#pass(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    try {
      return decoder.decode(this.take(length));
    } catch (error) {
      if (error instanceof TypeError) return this.#refuse("a text that is not UTF-8");
      throw error;
    }
  }

  /** Text up to the end of the line, which names a module or a class. */
  line(): string {
    const length = this.#bytes.subarray(this.at, this.at + 256).indexOf(0x0a);
    if (length < 0) {
      this.take(256); // or the pickle ends here
      this.#refuse("a name of more than 255 bytes");
    }
    const text = this.text(length);
    this.at++;
    return text;
  }

  /** A whole number of any length, lowest byte first, the highest bit being its sign. */
  integer(length: number): number | bigint {
    if (length > 1024) this.#refuse(`a whole number of ${length} bytes, expected at most 1024`);
    if (length === 0) return 0;
    const digits = this.take(length).toReversed().toHex();
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
    return BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : value;
  }

  #pass(length: number): number {
    const at = this.at;
    // Written so that no length passes, however large, nor NaN.
    if (!(length <= this.#bytes.length - at)) {
      this.#refuse(`a pickle that ends at byte ${this.#bytes.length}, expected more`);
    }
    this.at += length;
    return at;
  }
}
