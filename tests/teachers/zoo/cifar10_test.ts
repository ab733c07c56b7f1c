/** The embedded ResNets with their own classifiers reach the accuracy that is known of them. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals } from "@std/assert";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { packImages } from "../../../lib/images/packs/pack.ts";
import { matchClasses } from "../../../lib/teachers/zoo/class_names.ts";
import { loadClassifier } from "../../../lib/teachers/zoo/classifier.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import { sharedData, testWithShared } from "../../shared_data_fixture.ts";

/** Right answers among the 1,000 test images. */
async function countRight(name: string, path: string): Promise<number> {
  const cache = await Deno.makeTempDir();
  const pack = await packImages({ path, split: "test" }, { canvas: 32, cache });
  const teacher = await loadTeacher(name);
  const classifier = await loadClassifier(name);
  assert(classifier !== undefined);
  const outputs = matchClasses(pack.classes, classifier.classes);
  const classify = (pixels: tf.Tensor4D) => {
    const { cls } = teacher.features(tf.div(pixels, 255));
    assert(cls !== undefined);
    return tf.argMax(classifier.logits(cls), 1);
  };
  const batch = 100;
  const example = tf.zeros<tf.Rank.R4>([batch, 32, 32, 3]);
  const compiled = compile(classify, [example], { mode: "graph" });
  let right = 0;
  for (let start = 0; start < pack.count; start += batch) {
    const indices = Array.from({ length: batch }, (_, offset) => start + offset);
    const pixels = tf.tensor4d(Float32Array.from(pack.read(indices)), [batch, 32, 32, 3]);
    const found = await compiled(pixels);
    const answers = await found.data();
    right += indices.filter((index, at) => outputs[pack.labels[index] ?? 0] === answers[at]).length;
    tf.dispose([pixels, found]);
  }
  compiled.dispose();
  teacher.dispose();
  classifier.dispose();
  example.dispose();
  pack.close();
  await Deno.remove(cache, { recursive: true });
  return right;
}

const path = sharedData("data", "cifar10", "cifar10.zip");
// 90.3 and 92.6 percent are known of these checkpoints on these images; rounding may turn one or two.
for (const [name, right] of [["resnet20_cifar10", 903], ["resnet56_cifar10", 926]] as const) {
  testWithShared(`${name} names ${right} of 1,000 test images`, path, async (path) => {
    await startEngine();
    assertAlmostEquals(await countRight(name, path), right, 2);
  });
}
