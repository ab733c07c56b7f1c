/** Files of weights that exist in memory only, with the numbers of tests/golden/teachers/families.py. */
import type { CheckpointTensors } from "../../../lib/teachers/families/checkpoint_tensors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../../lib/weights/safetensors/safetensors.ts";
import type { FloatTensor } from "../../../lib/weights/host_tensor.ts";
import golden from "../../golden/teachers/families.json" with { type: "json" };

/** A case of families.json. */
export type FamilyCase = (typeof golden)[number];

/** Reads the bytes of a safetensors file as loaders of teachers do. */
export function checkpointOf(bytes: Uint8Array, source = "made_up.pth"): CheckpointTensors {
  const { tensors } = decodeSafetensors(bytes, { source });
  return {
    source,
    tensors,
    read: (name) => {
      const data = tensors.get(name)?.data;
      if (!(data instanceof Float32Array)) throw new Error(`no floats are called ${name}`);
      return data;
    },
  };
}

/** The file of a case, with some tensors changed, added or (undefined) left out. */
export function madeUpCheckpoint(
  { tensors }: Pick<FamilyCase, "tensors">,
  changes: Readonly<Record<string, FloatTensor | undefined>> = {},
): CheckpointTensors {
  const file = new Map<string, FloatTensor>();
  for (const line of tensors) {
    const [name = "", ...axes] = line.split(" ");
    const shape = axes.map(Number);
    file.set(name, { shape, data: formula(name, shape) });
  }
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) file.delete(name);
    else file.set(name, change);
  }
  return checkpointOf(encodeSafetensors(file));
}

/** The case with this name. */
export function familyCase(name: string): FamilyCase {
  const found = golden.find((one) => one.name === name);
  if (found === undefined) throw new Error(`families.json has no case "${name}"`);
  return found;
}

/** `formula` of families.py: around 1 for scales, around 0 for all others. */
function formula(name: string, shape: readonly number[]): Float32Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619);
  const centre = /(norm\w*|ln_\w+)\.weight$|gamma/.test(name) ? 1 : 0;
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 2654435761) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
    x = (x ^ (x >>> 16)) >>> 0;
    return centre + 0.2 * (x / 2 ** 31 - 1);
  });
}
