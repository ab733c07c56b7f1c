import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { randomStream } from "../../lib/tensors/random.ts";
import { UserError } from "../../lib/errors/user_error.ts";

function moments(values: Float32Array): { mean: number; std: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(square) };
}

Deno.test("the numbers of an address never change", () => {
  // The published block of a counter and a key of zeros.
  assertEquals([...randomStream(0).bits(4)], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const stream = randomStream(42).at("crop", 3, 1_281_167);
  // Recorded once: every published result depends on them.
  assertEquals([...stream.bits(4)], [427794613, 1629812050, 3457629293, 3902271727]);
  assertEquals([...stream.normal(2)], [-1.5607870817184448, 1.475484848022461]);
});

Deno.test("an address is a path: steps can be joined, other paths give other numbers", () => {
  const of = (...address: (string | number)[]) => randomStream(1).at(...address).bits(4);
  assertEquals(of("a", 1, "b"), randomStream(1).at("a").at(1, "b").bits(4));
  const others = [
    of(),
    of("a"),
    of("a", 1),
    of(1, "a"),
    of("a1"),
    of("a", "1"),
    of("", "a"),
    of(1),
  ];
  others.push(of("ab"), of("a", "b"), of("ba"), of(-1), of(2 ** 40), of(0), of("a\0"), of("é"));
  others.push(of("a name of more than twelve bytes"), of("a name of more than twelve bites"));
  others.push(randomStream(2).bits(4), randomStream(2 ** 32 + 1).bits(4));
  assertEquals(new Set(others.map(String)).size, others.length);
});

Deno.test("a longer draw begins with the shorter one", () => {
  const stream = randomStream(9);
  assertEquals(stream.uniform(100).subarray(0, 7), stream.uniform(7));
  assertEquals(stream.normal(100).subarray(0, 7), stream.normal(7));
  assertEquals(stream.truncatedNormal(100, 2).subarray(0, 7), stream.truncatedNormal(7, 2));
  assertNotEquals(stream.uniform(4), stream.at("next").uniform(4));
});

Deno.test("uniform, normal and truncated normal have their moments", () => {
  const count = 100_000, uniform = randomStream(1).uniform(count);
  assert(uniform.every((value) => value >= 0 && value < 1));
  assertAlmostEquals(moments(uniform).mean, 0.5, 0.004);
  assertAlmostEquals(moments(uniform).std, Math.sqrt(1 / 12), 0.002);
  const normal = moments(randomStream(2).normal(count));
  assertAlmostEquals(normal.mean, 0, 0.012);
  assertAlmostEquals(normal.std, 1, 0.01);
  assertAlmostEquals(moments(randomStream(3).truncatedNormal(count, 0.02)).std, 0.02, 0.0002);
  const cut = randomStream(4).truncatedNormal(count, 2);
  assert(cut.every((value) => Math.abs(value) <= 2));
  // A normal cut at one standard deviation has 0.5396 of its deviation.
  assertAlmostEquals(moments(cut).std, 2 * 0.5396, 0.01);
});

Deno.test("permutation holds every number once, every order equally often", () => {
  const order = randomStream(5).permutation(1000);
  assertEquals([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const key = `${randomStream(6).at(i).permutation(3)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts.size, 6);
  for (const count of counts.values()) assertAlmostEquals(count, 1000, 150);
});

Deno.test("addresses are whole numbers and names", () => {
  assertThrows(() => randomStream(0.5), UserError, "expected a whole number");
  assertThrows(() => randomStream(0).at(Number.NaN), UserError, "NaN");
});

Deno.test("uniform numbers are the upper 24 bits, so that 1 is never drawn", () => {
  const stream = randomStream(7), bits = stream.bits(1000);
  const expected = Float32Array.from(bits, (word) => Math.floor(word / 256) / 2 ** 24);
  assertEquals(stream.uniform(1000), expected);
});
