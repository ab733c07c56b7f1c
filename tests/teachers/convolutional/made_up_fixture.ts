/** Files of convolutional networks that exist in memory only, with the numbers of tests/golden/teachers/efficientnet_lite.py. */
import type { CheckpointTensors } from "../../../lib/teachers/families/checkpoint_tensors.ts";
import { elementCount, type FloatTensor } from "../../../lib/weights/host_tensor.ts";

/**
 * A file with tensors of these names and shapes, `"name 8 3 7 7"`, some of them changed, added or
 * (undefined) left out.
 */
export function madeUpConvolutional(
  lines: readonly string[],
  changes: Readonly<Record<string, FloatTensor | undefined>> = {},
): CheckpointTensors & { readonly all: ReadonlyMap<string, FloatTensor> } {
  const all = new Map<string, FloatTensor>();
  for (const line of lines) {
    const [name = "", ...axes] = line.split(" ");
    const shape = axes.map(Number);
    all.set(name, { shape, data: formula(name, shape) });
  }
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) all.delete(name);
    else all.set(name, change);
  }
  const read = (name: string) => {
    const data = all.get(name)?.data;
    if (data === undefined) throw new Error(`no tensor is called ${name}`);
    return data;
  };
  return { source: "made_up.pth", tensors: all, read, all };
}

/** `formula` of efficientnet_lite.py. */
function formula(name: string, shape: readonly number[]): Float32Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619);
  const fanIn = elementCount(shape.slice(1));
  const isScale = shape.length === 1 && /(\.weight|_var)$/.test(name);
  return Float32Array.from({ length: elementCount(shape) }, (_, i) => {
    let x = (Math.imul(i, 2654435761) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
    const unit = ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
    return shape.length === 4 ? unit * Math.sqrt(6 / fanIn) : (isScale ? 1 : 0) + 0.2 * unit;
  });
}
