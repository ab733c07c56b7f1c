import { assertEquals } from "@std/assert";
import { philox } from "../../lib/tensors/philox.ts";

type Counter = [number, number, number, number];

Deno.test("a block has Random123's known answers", () => {
  const ones = 0xFFFFFFFF;
  const answers: [Counter, [number, number], string][] = [
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[ones, ones, ones, ones], [ones, ones], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    ],
  ];
  for (const [counter, key, expected] of answers) {
    const words = [...philox(counter, key, new Uint32Array(4))];
    assertEquals(words.map((word) => word.toString(16).padStart(8, "0")).join(" "), expected);
  }
});
