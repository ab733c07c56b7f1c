/** Hostile and damaged checkpoints: each is refused with its reason. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bytesSource } from "../../../lib/weights/byte_source.ts";
import { checkpointFrom } from "../../../lib/weights/checkpoint_file.ts";
import {
  dict,
  refusalOf,
  small,
  storage,
  tensor,
  text,
  torchFile,
  tuple,
} from "./torch_file_fixture.ts";

Deno.test("the valid file that the refused ones are made of", () => {
  using file = checkpointFrom(bytesSource(torchFile(dict("w", tensor()))));
  assertEquals(file.tensors.get("w")?.shape, [2, 3]);
  assertEquals(file.read("w"), Float32Array.of(1, 2, 3, 4, 5, 6));
});

/** Dictionaries within one another, and a tensor in the innermost. */
const nested = (depth: number) =>
  `${`}${text("a")}`.repeat(depth)}${dict("w", tensor())}${"s".repeat(depth)}`;
/** A dictionary of twice the one before it, and so on: two to the power of 40 tensors. */
const laughs = `}q\0${text("w")}${tensor()}s` + Array.from({ length: 40 }, (_, i) => {
  const before = `h${String.fromCharCode(i)}`;
  return `}q${String.fromCharCode(i + 1)}${text("a")}${before}s${text("b")}${before}s`;
}).join("");
const wide = tuple(...Array.from({ length: 65 }, () => small(1)));

const pickles: Record<string, [pickle: string, fault: string]> = {
  "an unknown operation": ["I1\n", "the unknown pickle operation 0x49 at byte 2"],
  "another protocol": ["\x80\x00}", "pickle protocol 0, expected 2 to 5"],
  "a global": ["cos\nsystem\n", 'no dictionary of tensors, but the Python object "os.system"'],
  "a global by name": [`${text("posix")}${text("system")}\x93`, 'the Python object "posix.system"'],
  "a call": [`cbuiltins\neval\n${tuple(text("1"))}R`, 'the Python object "builtins.eval"'],
  "an object in place of a tensor": [
    dict("w", `cbuiltins\neval\n${tuple(text("1"))}R`),
    "no tensors",
  ],
  "a call of a text": [`${text("a")})R`, "a call of a string"],
  "attributes of a text": [`${text("a")}}b`, "attributes of a string"],
  "a global whose name has no end": [`c${"a".repeat(300)}\n`, "a name of more than 255 bytes"],
  "a text beyond the end": ["X\xff\xff\xff\x7fa", "a pickle that ends at byte"],
  "a text beyond all numbers": [`\x8d${"\xff".repeat(8)}`, "a pickle that ends at byte"],
  "a text that is none": ["X\x01\0\0\0\xff", "not UTF-8"],
  "a very long number": [`\x8b\0\0\0\x01${"1".repeat(9)}`, "a whole number of 16777216 bytes"],
  "a value never put aside": ["h\x05", "value 5, which was never put aside"],
  "nothing on the stack": ["0".slice(1) + "R", "a value that is not there"],
  "a mark that hides the stack": ["}(R", "a value that is not there"],
  "an end without a beginning": ["t", "has no beginning"],
  "items for a dictionary": ["}Na", "items for a dict"],
  "a key without a value": ["}(Nu", "1 keys and values"],
  "open tuples": [`${"(".repeat(201)}`, "nested more than 200 deep"],
  "deep dictionaries": [nested(60), "nested more than 50 deep"],
  "very deep dictionaries": [nested(100_000), "nested more than 1000 deep"],
  "two in one another": [`}q\0${text("model")}${dict("model", "h\0")}s`, "no tensors"],
  "the same key twice": [`}${text("w")}Ns${text("w")}${tensor()}s`, 'the key "w" twice'],
  "the same name twice": [
    `}${text("a.w")}${tensor()}s${text("a")}${dict("w", tensor())}s`,
    'the tensor "a.w" twice',
  ],
  "a tensor under no name": [`}N${tensor()}s`, "no tensors"],
  "a very long name": [`}X\xff\xff\0\0${"a".repeat(65535)}${tensor()}s`, "65535 characters"],
  "very many names for one tensor": [
    `}(${text("first")}${tensor()}q\0${
      Array.from({ length: 25_000 }, (_, i) => `${text(`${i}`)}h\0`).join("")
    }u`,
    "more than 25000 tensors",
  ],
  "operations without end": ["N".repeat(1_000_001), "more than 1000000 operations"],
  "no dictionary": [tensor(), "no dictionary of tensors"],
  "no tensors": [dict("epoch", small(3)), "no tensors"],
  "a storage that is not there": [
    dict("w", tensor({ from: storage({ key: "7" }) })),
    'no bytes for the storage "7", expected 24',
  ],
  "a storage of another length": [
    dict("w", tensor({ from: storage({ count: small(7) }) })),
    '24 bytes for the storage "0", expected 28',
  ],
  "a storage of very many numbers": [
    dict("w", tensor({ from: storage({ count: `\x8a\x08${"\xff".repeat(6)}\x1f\0` }) })),
    "expected 36028797018963964",
  ],
  "a storage of a negative length": [
    dict("w", tensor({ from: storage({ count: "J\xff\xff\xff\xff" }) })),
    "names no storage",
  ],
  "a storage of an unknown type": [
    dict("w", tensor({ from: storage({ type: "ComplexFloatStorage", count: small(3) }) })),
    'the Python object "torch.ComplexFloatStorage" under "w"',
  ],
  "one storage as two types": [
    `}${text("v")}${tensor()}s${text("w")}${tensor({ from: storage({ type: "IntStorage" }) })}s`,
    'the storage "0" as 6 numbers of int32 and 6 of float32',
  ],
  "a view of a storage": [
    dict("w", tensor({ from: storage({ rest: tuple(text("k"), small(0), small(1)) }) })),
    'a view of the storage "0"',
  ],
  "a reference to nothing": ["NQ", "names no storage"],
  "a shape beyond the storage": [
    dict("w", tensor({ shape: tuple(small(3), small(3)) })),
    'a float32 tensor [3,3] at 0 of the storage "0", which holds 6 numbers',
  ],
  "an offset beyond the storage": [dict("w", tensor({ offset: small(1) })), "[2,3] at 1"],
  "strides beyond the storage": [
    dict("w", tensor({ strides: tuple(small(4), small(1)) })),
    "which holds 6 numbers",
  ],
  "a negative stride": [
    dict("w", tensor({ strides: tuple("J\xff\xff\xff\xff", small(1)) })),
    "not as many counts",
  ],
  "an expanded number": [
    dict("w", tensor({ shape: tuple("J\xff\xff\xff\x7f"), strides: tuple(small(0)) })),
    "an expanded tensor [2147483647]",
  ],
  "more strides than axes": [dict("w", tensor({ strides: tuple(small(1)) })), "as many counts"],
  "too many axes": [dict("w", tensor({ shape: wide, strides: wide })), "at most 64"],
  "a tensor of a text": [dict("w", tensor({ from: text("a") })), "a tensor of a string"],
  "a parameter of a text": [
    `ctorch._utils\n_rebuild_parameter\n${tuple(text("a"))}R`,
    "a parameter of a string",
  ],
  "an ordered dictionary of single items": [
    `ccollections\nOrderedDict\n${tuple(`](${tuple(small(1))}e`)}R`,
    "no pair",
  ],
};
for (const [description, [pickle, fault]] of Object.entries(pickles)) {
  Deno.test(`refused: ${description}`, () => {
    const bytes = torchFile(pickle), begun = performance.now();
    const message = refusalOf(bytes);
    assertStringIncludes(message, 'Cannot read "a.pth": found ');
    assertStringIncludes(message, fault);
    assert(performance.now() - begun < 2000, "before time is spent");
    assert(message.length < 1000, "a message that can be read");
  });
}

Deno.test("objects beside the weights are left out, whatever they claim to hold", () => {
  const args = `cargparse\nNamespace\n)\x81${dict("lr", small(1))}b`;
  const numpy = `cnumpy._core.multiarray\nscalar\n${tuple(text("f8"), text("x"))}R`;
  const pickle = `}${text("args")}${args}s${text("best")}${numpy}s${text("w")}${tensor()}s`;
  using file = checkpointFrom(bytesSource(torchFile(pickle)));
  assertEquals([...file.tensors.keys()], ["w"]);
});

/** Names of the tensors of a pickle. */
const namesOf = (pickle: string) => {
  using file = checkpointFrom(bytesSource(torchFile(pickle)));
  return [...file.everything.tensors.keys()];
};

Deno.test("what is there twice, or in itself, is read once", () => {
  assertEquals(namesOf(`}q\0${text("w")}${tensor()}s${text("me")}h\0s`), ["w"]);
  assertEquals(namesOf(laughs).length, 1);
  const twice = `}${text("net")}${dict("w", tensor())}q\0s${text("ema")}h\0s`;
  assertEquals(namesOf(twice), ["net.w"]);
  using ema = checkpointFrom(bytesSource(torchFile(twice)), { key: "ema" });
  assertEquals(ema.read("w").length, 6);
});

Deno.test("objects of any class are inert: names, items and attributes", () => {
  const state = dict("w", tensor()), slots = `${tuple("N", state)}`;
  const found: Record<string, [pickle: string, names: string[]]> = {
    "attributes": [`cmy.state\nTrain\n)\x81${state}b`, ["w"]],
    "attributes that have slots": [`cmy.state\nTrain\n)\x81${slots}b`, ["w"]],
    "a dictionary of another class": [
      `cmy.maps\nMap\n)R${text("w")}${tensor()}s${dict("_metadata", "N")}b`,
      ["w"],
    ],
    "a call of an object": [
      `}${text("f")}cfunctools\npartial\n${tuple("cos\nsystem\n")}R)R` +
      `s${text("w")}${tensor()}s`,
      ["w"],
    ],
    "an instance of old": [`}${text("f")}(${small(1)}ios\nsystem\ns${text("w")}${tensor()}s`, [
      "w",
    ]],
    "another of old": [`}${text("f")}(cos\nsystem\n${small(1)}os${text("w")}${tensor()}s`, ["w"]],
    "keyword arguments": [`}${text("f")}cos\nsystem\n)}\x92s${text("w")}${tensor()}s`, ["w"]],
    "sets, and values put down again": [
      `}${text("f")}(${small(1)}\x91s${text("g")}N20s${text("w")}${tensor()}s`,
      ["w"],
    ],
    "lists 60 deep beside it": [
      `}${text("f")}${"](".repeat(60)}${"e".repeat(60)}s${text("w")}${tensor()}s`,
      ["w"],
    ],
    "a list": [`](${small(1)}${dict("w", tensor())}e`, ["1.w"]],
    "a module": [
      `cmy.net\nNet\n)\x81${
        dict(
          "_modules",
          dict("a", `cmy.net\nPart\n)\x81}${text("_modules")}}s${text("_buffers")}${state}sb`),
        )
      }b`,
      ["a.w"],
    ],
    "a parameter": [
      dict(
        "w",
        `ctorch._tensor\n_rebuild_from_type_v2\n${
          tuple(
            "ctorch._utils\n_rebuild_tensor_v2\n",
            "cmy\nTensor\n",
            tuple(storage(), small(0), tuple(small(2)), tuple(small(1)), "\x89", "N"),
            "N",
          )
        }R`,
      ),
      ["w"],
    ],
  };
  for (const [description, [pickle, names]] of Object.entries(found)) {
    assertEquals(namesOf(pickle), names, description);
  }
  // One long state of many objects is one value.
  const shared = `}(${Array.from({ length: 20_000 }, (_, i) => `${text(`${i}`)}N`).join("")}${
    text("w")
  }${tensor()}uq\0`;
  const many = Array.from({ length: 10_000 }, () => `cmy\nA\n)\x81h\0b`).join("");
  const begun = performance.now();
  assertEquals(namesOf(`](${shared}${many}e`), ["0.w"]);
  assert(performance.now() - begun < 4000, "time that grows with objects times attributes");
});

Deno.test("a storage of an unknown type is refused only where its tensor is needed", () => {
  const complex = tensor({ from: storage({ key: "9", type: "ComplexDoubleFloatStorage" }) });
  const pickle = `}${text("z")}${complex}s${text("w")}${tensor()}s`;
  using file = checkpointFrom(bytesSource(torchFile(pickle)));
  assertEquals([...file.tensors.keys()], ["w"]);
  assertEquals([...file.everything.objects], [["z", "torch.ComplexDoubleFloatStorage"]]);
});

Deno.test("types without storages of their own lie in bytes", () => {
  const typed = (type: string, count: number) =>
    `ctorch._utils\n_rebuild_tensor_v3\n${
      tuple(
        tuple(
          text("storage"),
          "ctorch.storage\nUntypedStorage\n",
          text("0"),
          text("cpu"),
          small(24),
        ) + "Q",
        small(0),
        tuple(small(count)),
        tuple(small(1)),
        "\x89",
        "ccollections\nOrderedDict\n)R",
        `ctorch\n${type}\n`,
      )
    }R`;
  const read = (type: string, count: number) => {
    using file = checkpointFrom(bytesSource(torchFile(dict("w", typed(type, count)))));
    return file.read("w");
  };
  // The numbers 1 and 2 as float32: bytes 0 0 128 63 0 0 0 64.
  assertEquals([...read("uint16", 4)], [0, 0x3f80, 0, 0x4000]);
  assertEquals([...read("uint32", 2)], [0x3f800000, 0x40000000]);
  assertEquals([...read("float8_e5m2", 8)], [0, 0, -0, 1.75, 0, 0, 0, 2]);
  assertEquals([...read("float8_e4m3fn", 8)], [0, 0, -0, 0.9375 * 2, 0, 0, 0, 2]);
  assertStringIncludes(
    refusalOf(torchFile(dict("w", typed("float4_e2m1fn_x2", 8)))),
    'the Python object "torch.float4_e2m1fn_x2" under "w"',
  );
  assertStringIncludes(refusalOf(torchFile(dict("w", typed("uint16", 13)))), "a uint16 tensor");
});

Deno.test("a network that was saved whole is read; a program is refused with what to save", async () => {
  const read = (name: string) =>
    Deno.readFile(new URL(`../../golden/weights/checkpoints/${name}`, import.meta.url));
  using module = checkpointFrom(bytesSource(await read("module.pth")));
  using training = checkpointFrom(bytesSource(await read("training.pth.tar")));
  assertEquals([...module.tensors.keys()], [...training.tensors.keys()]);
  for (const name of module.tensors.keys()) assertEquals(module.read(name), training.read(name));
  const script = refusalOf(await read("script.pt"));
  assertStringIncludes(script, "a TorchScript archive, which holds a program");
  assertStringIncludes(script, "torch.jit.load(path).state_dict()");
});
