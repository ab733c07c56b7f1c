/** The checksum of TFRecords: CRC-32C (Castagnoli, reflected), masked as TensorFlow does. */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC-32C of some bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = table[(value ^ byte) & 0xff]! ^ value >>> 8;
  return ~value >>> 0;
}

/** Rotated by 15 bits, plus a constant: a record that holds checksums stays checkable. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const value = crc32c(bytes);
  return ((value >>> 15 | value << 17) + 0xa282ead8) >>> 0;
}
