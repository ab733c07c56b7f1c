/**
 * Compares every family at full size with the features that families.py left in a folder, and prints a
 * table. Ten minutes, and 6 GB on disk:
 *
 *     python tests/golden/teachers/families.py --full FOLDER
 *     deno run --allow-all tests/golden/teachers/families_full.ts FOLDER
 */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import type { FamilyName } from "../../../lib/teachers/family_names.ts";
import { loadFamily } from "../../../lib/teachers/load_family.ts";
import { openCheckpoint } from "../../../lib/weights/checkpoint_file.ts";
import { readSafetensors } from "../../../lib/weights/safetensors/safetensors.ts";

const [folder = ""] = Deno.args;
await startEngine();

/** Largest difference as a share of the root mean square of what was expected. */
async function difference(found: tf.Tensor | undefined, expected: Float32Array): Promise<string> {
  const data = await found?.data() ?? [];
  if (data.length !== expected.length) return "another shape";
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
  const square = expected.reduce((sum, value) => sum + value * value, 0) / expected.length;
  return (worst / Math.sqrt(square)).toExponential(1);
}

function floats(data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TypeError("Expected floats. Make the folder again with families.py --full");
}

const files = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".features.safetensors"))
  .toSorted();
console.log("| network | family | parameters | input | format | CLS | patches |");
console.log("| --- | --- | ---: | ---: | --- | ---: | ---: |");
for (const file of files) {
  const { tensors, metadata } = await readSafetensors(`${folder}/${file}`);
  for (const suffix of ["pth", "safetensors"]) {
    const path = `${folder}/${file.replace("features.safetensors", suffix)}`;
    using checkpoint = await openCheckpoint(path);
    const teacher = loadFamily(metadata.family as FamilyName, checkpoint);
    const { size } = teacher.input;
    const images = tf.tensor4d(floats(tensors.get("images")?.data), [1, size, size, 3]);
    const { cls, patch } = teacher.features(images);
    console.log(
      `| ${metadata.name} | ${teacher.family} | ${(teacher.parameterCount / 1e6).toFixed(1)} M ` +
        `| ${size} px | ${checkpoint.format} ` +
        `| ${await difference(cls, floats(tensors.get("cls")?.data))} ` +
        `| ${await difference(patch, floats(tensors.get("patch")?.data))} |`,
    );
    tf.dispose([images, cls ?? [], patch ?? []]);
    teacher.dispose();
  }
}
