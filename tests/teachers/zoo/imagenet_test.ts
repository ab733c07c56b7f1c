/**
 * The embedded ImageNet networks with their own classifiers name as many images as in the
 * independent evaluation of tests/golden/teachers/classifiers.py: 199 images of 64 px, one of each class but
 * one of the two cranes, which that evaluation leaves out.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals } from "@std/assert";
import { compile } from "../../../lib/engine/compiler/compile.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { packImages } from "../../../lib/images/packs/pack.ts";
import { matchClasses } from "../../../lib/teachers/zoo/class_names.ts";
import { loadClassifier } from "../../../lib/teachers/zoo/classifier.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import { zoo } from "../../../lib/teachers/zoo/entries.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { isHere } from "./fetched_weights_fixture.ts";
import { sharedData, testWithShared } from "../../shared_data_fixture.ts";

async function countRight(name: string, shared: string, cache: string): Promise<number> {
  const path = `${shared}/data/tiny-imagenet-200/val.zip`;
  // The first image of each of the 200 classes.
  const pack = await packImages({ path, split: "val" }, { canvas: 64, cache, limit: 200 });
  const teacher = await loadTeacher(name);
  const classifier = await loadClassifier(name);
  assert(classifier !== undefined);
  const outputs = matchClasses(pack.classes, classifier.classes);
  assert(outputs.every((place) => place !== undefined));
  outputs[pack.classes.indexOf("n03126707")] = -1;
  const classify = (pixels: tf.Tensor4D) => {
    const { cls } = teacher.features(tf.div(pixels, 255));
    assert(cls !== undefined);
    return tf.argMax(classifier.logits(cls), 1);
  };
  const batch = 25;
  const example = tf.zeros<tf.Rank.R4>([batch, 64, 64, 3]);
  const compiled = compile(classify, [example], { mode: "graph" });
  let right = 0;
  for (let start = 0; start < pack.count; start += batch) {
    const indices = Array.from({ length: batch }, (_, offset) => start + offset);
    const pixels = tf.tensor4d(Float32Array.from(pack.read(indices)), [batch, 64, 64, 3]);
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
  return right;
}

const shared = sharedData("data", "tiny-imagenet-200", "val.zip")?.replace(/\/data\/.*$/, "");
// Another JPEG decoder may turn one answer or two.
const known = [
  ["mobilenet_v1_imagenet", 28],
  ["mobilenet_v2_imagenet", 52],
  ["efficientnet_lite0_imagenet", 76],
] as const;
for (const [name, right] of known) {
  const entry = zoo.find((entry) => entry.name === name);
  assert(entry !== undefined);
  testWithShared(
    `${name} names ${right} of 199 small images`,
    isHere(entry) ? shared : undefined,
    (shared) =>
      inFolder(async (cache) => {
        await startEngine();
        const found = await countRight(name, shared, cache);
        assertAlmostEquals(found, right, 2);
      }),
  );
}
