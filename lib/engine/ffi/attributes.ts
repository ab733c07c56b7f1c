import { type Bytes, type CApi, cName, type Pointer } from "./c_api.ts";
import { packStrings } from "./packed_strings.ts";

/** TF_AttrType, as the binding interface names it. */
export const AttributeType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** An attribute of an op as tfjs-node-gpu's kernels pass it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

type Longs = BigUint64Array<ArrayBuffer>;

/** Sets attributes on one kind of target: an eager operation or a node that is being built. */
export interface AttributeSetters {
  string(target: Pointer, name: Bytes, value: Bytes, length: bigint): void;
  strings(target: Pointer, name: Bytes, at: Longs, lengths: Longs, count: number): void;
  int(target: Pointer, name: Bytes, value: bigint | number): void;
  ints(target: Pointer, name: Bytes, values: BigInt64Array<ArrayBuffer>, count: number): void;
  float(target: Pointer, name: Bytes, value: number): void;
  floats(target: Pointer, name: Bytes, values: Float32Array<ArrayBuffer>, count: number): void;
  bool(target: Pointer, name: Bytes, value: number): void;
  bools(target: Pointer, name: Bytes, values: Bytes, count: number): void;
  type(target: Pointer, name: Bytes, value: number): void;
  types(target: Pointer, name: Bytes, values: Int32Array<ArrayBuffer>, count: number): void;
  shape(target: Pointer, name: Bytes, sizes: BigInt64Array<ArrayBuffer>, rank: number): void;
}

export function eagerSetters(c: CApi, status: Pointer): AttributeSetters {
  return {
    string: c.TFE_OpSetAttrString,
    strings: c.TFE_OpSetAttrStringList,
    int: c.TFE_OpSetAttrInt,
    ints: c.TFE_OpSetAttrIntList,
    float: c.TFE_OpSetAttrFloat,
    floats: c.TFE_OpSetAttrFloatList,
    bool: c.TFE_OpSetAttrBool,
    bools: c.TFE_OpSetAttrBoolList,
    type: c.TFE_OpSetAttrType,
    types: c.TFE_OpSetAttrTypeList,
    shape: (target, name, sizes, rank) => c.TFE_OpSetAttrShape(target, name, sizes, rank, status),
  };
}

export function graphSetters(c: CApi): AttributeSetters {
  return {
    string: c.TF_SetAttrString,
    strings: c.TF_SetAttrStringList,
    int: c.TF_SetAttrInt,
    ints: c.TF_SetAttrIntList,
    float: c.TF_SetAttrFloat,
    floats: c.TF_SetAttrFloatList,
    bool: c.TF_SetAttrBool,
    bools: c.TF_SetAttrBoolList,
    type: c.TF_SetAttrType,
    types: c.TF_SetAttrTypeList,
    shape: c.TF_SetAttrShape,
  };
}

/** Sets one attribute; an array becomes a list attribute, except for a shape. */
export function setAttribute(set: AttributeSetters, target: Pointer, attribute: Attribute): void {
  const name = cName(attribute.name), value = attribute.value;
  if (attribute.type === AttributeType.shape) {
    const sizes = longs(value as number[]);
    set.shape(target, name, sizes, sizes.length);
  } else if (Array.isArray(value)) {
    setList(set, target, name, attribute.type, value);
  } else {
    setScalar(set, target, name, attribute);
  }
}

function setScalar(
  set: AttributeSetters,
  target: Pointer,
  name: Bytes,
  { type, value, name: attributeName }: Attribute,
): void {
  switch (type) {
    case AttributeType.type:
      return set.type(target, name, value as number);
    case AttributeType.bool:
      return set.bool(target, name, value ? 1 : 0);
    case AttributeType.int:
      return set.int(target, name, value as number);
    case AttributeType.float:
      return set.float(target, name, value as number);
    case AttributeType.string: {
      const bytes = encode(value as string);
      return set.string(target, name, bytes, BigInt(bytes.length));
    }
  }
  throw new Error(`Cannot set attribute "${attributeName}": TF_AttrType ${type} is not known`);
}

function setList(
  set: AttributeSetters,
  target: Pointer,
  name: Bytes,
  type: number,
  values: unknown[],
): void {
  const count = values.length;
  switch (type) {
    case AttributeType.int:
      return set.ints(target, name, longs(values as number[]), count);
    case AttributeType.float:
      return set.floats(target, name, Float32Array.from(values as number[]), count);
    case AttributeType.bool:
      return set.bools(target, name, Uint8Array.from(values, (value) => value ? 1 : 0), count);
    case AttributeType.type:
      return set.types(target, name, Int32Array.from(values as number[]), count);
    case AttributeType.string: {
      const { addresses, lengths } = packStrings((values as string[]).map(encode));
      return set.strings(target, name, addresses, lengths, count);
    }
  }
  throw new Error(`Cannot set a list attribute: TF_AttrType ${type} is not known`);
}

/** Sizes as TensorFlow takes them. */
export function longs(values: readonly number[]): BigInt64Array<ArrayBuffer> {
  const result = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = BigInt(values[i]!);
  return result;
}

const encoder = new TextEncoder();

function encode(value: string): Bytes {
  return encoder.encode(value);
}
