import type { CApi, Pointer } from "./c_api.ts";
import { fields } from "./protobuf.ts";

/** An input of an op: one tensor, or a list whose length or types are an attribute. */
export interface InputDefinition {
  readonly name: string;
  /** The attribute with the number of tensors, for lists of one type. */
  readonly lengthAttribute?: string | undefined;
  /** The attribute with the type of every tensor, for lists of mixed types. */
  readonly typesAttribute?: string | undefined;
}

/** TensorFlow's definition of one of its ops (message OpDef). */
export interface OpDefinition {
  readonly inputs: readonly InputDefinition[];
  /** Attribute name to type: `int`, `list(int)`, `type`, `shape`, ... */
  readonly attributes: ReadonlyMap<string, string>;
  /** Whether the op holds state, such as a random generator. */
  readonly stateful: boolean;
}

export type OpDefinitions = ReadonlyMap<string, OpDefinition>;

/** Reads the definitions of all ops that the library registers. */
export function readOpDefinitions(c: CApi): OpDefinitions {
  const list = c.TF_GetAllOpList();
  try {
    return parseOpList(bufferBytes(list));
  } finally {
    c.TF_DeleteBuffer(list);
  }
}

/** The content of a TF_Buffer: `{ const void* data; size_t length; ... }`. */
function bufferBytes(buffer: Pointer): Uint8Array {
  if (buffer === null) return new Uint8Array();
  const view = new Deno.UnsafePointerView(buffer);
  const data = view.getPointer(0);
  const length = Number(view.getBigUint64(8));
  return data === null
    ? new Uint8Array()
    : new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length));
}

const decoder = new TextDecoder();

/** OpList { repeated OpDef op = 1 } */
export function parseOpList(message: Uint8Array): OpDefinitions {
  const definitions = new Map<string, OpDefinition>();
  for (const { number, value } of fields(message)) {
    if (number !== 1 || typeof value === "number") continue;
    const [name, definition] = parseOp(value);
    definitions.set(name, definition);
  }
  return definitions;
}

/** OpDef { name = 1, input_arg = 2, output_arg = 3, attr = 4, is_stateful = 17 } */
function parseOp(message: Uint8Array): [name: string, definition: OpDefinition] {
  let name = "", stateful = false;
  const inputs: InputDefinition[] = [];
  const attributes = new Map<string, string>();
  for (const { number, value } of fields(message)) {
    if (number === 17) stateful = value !== 0;
    if (typeof value === "number") continue;
    if (number === 1) name = decoder.decode(value);
    if (number === 2) inputs.push(parseInput(value));
    if (number === 4) {
      const text = stringFields(value);
      attributes.set(text.get(1) ?? "", text.get(2) ?? "");
    }
  }
  return [name, { inputs, attributes, stateful }];
}

/** ArgDef { name = 1, type_attr = 4, number_attr = 5, type_list_attr = 6 } */
function parseInput(message: Uint8Array): InputDefinition {
  const text = stringFields(message);
  return {
    name: text.get(1) ?? "",
    lengthAttribute: text.get(5),
    typesAttribute: text.get(6),
  };
}

function stringFields(message: Uint8Array): Map<number, string> {
  const text = new Map<number, string>();
  for (const { number, value } of fields(message)) {
    if (typeof value !== "number" && !text.has(number)) text.set(number, decoder.decode(value));
  }
  return text;
}
