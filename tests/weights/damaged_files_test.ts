/**
 * Files of weights with random damage: 20,000 of each format, the same ones in every run. A reader
 * may refuse a file with a UserError or read it; it may not fail otherwise, hang, or allocate more
 * memory than the file could fill.
 */
import { assert } from "@std/assert";
import { randomStream } from "../../lib/tensors/random.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { type ByteSource, bytesSource } from "../../lib/weights/byte_source.ts";
import { checkpointFrom } from "../../lib/weights/checkpoint_file.ts";
import { elementCount } from "../../lib/weights/host_tensor.ts";
import { refuseReading } from "../../lib/weights/refuse_reading.ts";
import { readTfliteLayers } from "../../lib/weights/tflite_tensors.ts";
import { readZipDirectory } from "../../lib/weights/zip_directory.ts";
import { joined, letters } from "./torch/torch_file_fixture.ts";

const ROUNDS = 20_000;

/** A valid file, and the ranges in which damage matters most: its headers, its pickle. */
interface Seed {
  readonly bytes: Uint8Array;
  readonly sensitive: readonly (readonly [from: number, to: number])[];
}

const meaningfulBytes = [0, 1, 2, 0x28, 0x2e, 0x52, 0x71, 0x7d, 0x7f, 0x80, 0x85, 0x8a, 0xfe, 0xff];

/** One to four injuries, from 32 random words. */
function damaged({ bytes, sensitive }: Seed, words: Uint32Array): Uint8Array {
  let next = 0;
  const draw = (count: number) => count < 1 ? 0 : words[next++]! % count;
  const place = (length: number) => {
    const [from, to] = sensitive[draw(sensitive.length)]!;
    return draw(4) === 0 ? draw(length) : Math.min(from + draw(to - from), length);
  };
  let result = bytes.slice();
  for (let injuries = 1 + draw(4); injuries > 0; injuries--) {
    const at = place(result.length), length = 1 + draw(draw(4) === 0 ? 200 : 8);
    const [head, tail] = [result.slice(0, at), result.slice(at)];
    switch (draw(7)) {
      case 0: // a bit
        head[at - 1]! ^= 1 << draw(8);
        result = joined(head, tail);
        break;
      case 1: // a byte
        tail[0] = meaningfulBytes[draw(meaningfulBytes.length)]!;
        result = joined(head, tail);
        break;
      case 2: // a number
        tail.fill([0, 0x7f, 0x80, 0xff][draw(4)]!, 0, [2, 4, 8][draw(3)]);
        result = joined(head, tail);
        break;
      case 3: // something left out
        result = joined(head, tail.slice(length));
        break;
      case 4: // something twice
        result = joined(head, tail.slice(0, length), tail);
        break;
      case 5: // something of another place
        result = joined(
          head,
          result.slice(place(result.length)).slice(0, length),
          tail.slice(length),
        );
        break;
      default: // the end cut off, now and then
        if (draw(8) === 0) result = head;
    }
  }
  return result;
}

function fuzz(name: string, seeds: readonly Seed[], read: (bytes: Uint8Array) => void): void {
  let refused = 0, slowest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const words = randomStream(12).at("fuzz", name, round).bits(64);
    const bytes = damaged(seeds[round % seeds.length]!, words);
    const begun = performance.now();
    try {
      read(bytes);
    } catch (error) {
      const why = `${name}, round ${round}: ${error instanceof Error ? error.stack : error}`;
      assert(error instanceof UserError, why);
      assert(error.message.length < 2000, why);
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - begun);
  }
  assert(slowest < 5000, `${name}: ${slowest} ms for one file`);
  // Neither is rare, or the damage would test nothing.
  assert(refused > ROUNDS / 10 && refused < 0.98 * ROUNDS, `${name}: ${refused} refused`);
}

/** Opens a file and reads all tensors; the bytes that are read from it bound the memory. */
function readAll(bytes: Uint8Array): void {
  let bytesRead = 0;
  const inner = bytesSource(bytes);
  const read = (position: number, into: Uint8Array) => {
    bytesRead += into.length;
    inner.read(position, into);
  };
  const source: ByteSource = { ...inner, read };
  try {
    const file = checkpointFrom(source);
    for (const [name, { shape }] of file.tensors) {
      bytesRead = 0;
      const numbers = file.read(name).length;
      // A number is a byte or more of the file.
      assert(numbers === elementCount(shape) && numbers <= bytes.length, `${numbers} numbers`);
      assert(bytesRead <= bytes.length, `${bytesRead} of ${bytes.length} bytes for a tensor`);
    }
  } finally {
    assert(bytesRead <= 3 * bytes.length, `${bytesRead} of ${bytes.length} bytes`);
  }
}

async function goldenFile(name: string): Promise<Uint8Array> {
  return await Deno.readFile(new URL(`../golden/weights/checkpoints/${name}`, import.meta.url));
}

Deno.test("20,000 damaged zip checkpoints of PyTorch", async () => {
  const seeds = [];
  for (
    const name of [
      "types.pth",
      "views.pt",
      "training.pth.tar",
      "several.pth",
      "protocol4.pth",
      "module.pth",
      "beside2.pth",
      "beside5.pth",
    ]
  ) {
    const bytes = await goldenFile(name);
    const entries = readZipDirectory(bytesSource(bytes), refuseReading(name));
    const [pickle, last] = [[...entries.values()][0]!, [...entries.values()].at(-1)!];
    seeds.push({
      bytes,
      sensitive: [
        [pickle.position, pickle.position + pickle.size],
        [pickle.position, pickle.position + pickle.size],
        [last.position + last.size, bytes.length],
      ] as const,
    });
  }
  fuzz("zip", seeds, readAll);
});

Deno.test("20,000 damaged checkpoints of PyTorch before 1.6", async () => {
  const seeds = [];
  for (const name of ["old.th", "old_views.th", "beside_old.pth"]) {
    const bytes = await goldenFile(name);
    seeds.push({ bytes, sensitive: [[0, bytes.length]] as const });
  }
  fuzz("series", seeds, readAll);
});

Deno.test("20,000 damaged safetensors files", async () => {
  const bytes = await goldenFile("types.safetensors");
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  fuzz("safetensors", [{ bytes, sensitive: [[0, 8 + header]] }], readAll);
});

Deno.test("20,000 damaged side files of a TensorFlow Lite network", () => {
  const tensors = [
    { index: 0, name: "x", shape: [1, 4, 4, 1], dtype: "uint8" },
    {
      ...{
        index: 1,
        name: "w",
        shape: [2, 1, 2, 3],
        dtype: "uint8",
        scale: [0.5],
        zero_point: [3],
      },
      ...{ offset: 1, bytes: 12 },
    },
    {
      ...{ index: 2, name: "b", shape: [2], dtype: "int32", scale: [2], zero_point: [0] },
      ...{ offset: 13, bytes: 8 },
    },
  ];
  const ops = [{ op: "CONV_2D", inputs: [0, 1, 2], stride: [2, 2], activation: "RELU6" }];
  const index = letters(JSON.stringify({ bytes: 21, byte_order: "little", tensors, ops }));
  const network = Uint8Array.from({ length: 21 }, (_, i) => 11 * i);
  fuzz("tflite", [{ bytes: index, sensitive: [[0, index.length]] }], (bytes) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      // Most damage breaks the JSON, so the index itself is damaged instead: a number changes.
      const odd = [-1, 0, 0.5, 1, 3, 12, 2 ** 31, 2 ** 53, 1e300, null, "1", []];
      const sum = bytes.reduce((sum, byte) => sum + byte, 0);
      let left = sum % 40;
      parsed = JSON.parse(
        new TextDecoder().decode(index),
        (_, value) =>
          typeof value === "number" && left-- === 0 ? odd[bytes.length % odd.length] : value,
      );
    }
    const counts = readTfliteLayers(network, parsed)
      .map(({ weight, bias }) => weight.data.length + bias.data.length);
    assert(counts.reduce((sum, count) => sum + count, 0) <= network.length);
  });
});
