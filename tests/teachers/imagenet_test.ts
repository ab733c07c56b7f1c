/**
 * The embedded ImageNet networks with their own classifiers name as many images as in the
 * independent evaluation of tests/golden/classifiers.py: 199 images of 64 px, one of each class whose
 * label can be told by its text.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compile } from "../../lib/engine/compile.ts";
import { startEngine } from "../../lib/engine/backend.ts";
import { packImages } from "../../lib/images/pack.ts";
import { loadTeacher, zoo } from "../../lib/teachers/zoo.ts";
import { readTfliteLayers } from "../../lib/weights/tflite_tensors.ts";
import { inFolder } from "../images/test_images.ts";
import { sharedData, testWithShared } from "../shared_data.ts";

const data = new URL("../../data/teachers/", import.meta.url);

/** Weight `[width, 1001]` and bias `[1001]` of the last layer, which the teacher leaves out. */
async function classifierOf(name: string) {
  const paths = zoo.find((entry) => entry.name === name)?.files.map(({ path }) => path) ?? [];
  const [weights = "", index = ""] = paths;
  const layer = readTfliteLayers(
    await Deno.readFile(new URL(weights, data)),
    JSON.parse(await Deno.readTextFile(new URL(index, data))),
  ).at(-1);
  assert(layer !== undefined);
  const [inputs = 0, outputs = 0] = layer.weight.shape.slice(-2);
  return {
    weight: tf.tensor2d(layer.weight.data, [inputs, outputs]),
    bias: tf.tensor1d(layer.bias.data),
  };
}

/** Place of each WordNet id among the 1,001 outputs; "crane" names two of them and has none. */
async function outputsOf(shared: string): Promise<Map<string, number>> {
  const lines = async (path: string) =>
    (await Deno.readTextFile(`${shared}/${path}`)).trimEnd().split("\n");
  const labels = await lines("weights/mobilenet-v2-imagenet-int8/imagenet_labels.txt");
  const classes = await lines("data/tiny-imagenet-200/classes.txt");
  return new Map(classes.flatMap((line) => {
    const [id = "", text = ""] = line.split("\t");
    const place = labels.indexOf(text);
    return place === labels.lastIndexOf(text) ? [[id, place] as const] : [];
  }));
}

async function countRight(name: string, shared: string, cache: string): Promise<number> {
  const path = `${shared}/data/tiny-imagenet-200/val.zip`;
  // The first image of each of the 200 classes.
  const pack = await packImages({ path, split: "val" }, { canvas: 64, cache, limit: 200 });
  const outputs = await outputsOf(shared);
  assertEquals(outputs.size, 199);
  const teacher = await loadTeacher(name);
  const { weight, bias } = await classifierOf(name);
  const classify = (pixels: tf.Tensor4D) => {
    const { cls } = teacher.features(tf.div(pixels, 255));
    assert(cls !== undefined);
    return tf.argMax(tf.add(tf.matMul(cls, weight), bias), 1);
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
    right += indices.filter((index, at) => {
      const id = pack.classes[pack.labels[index] ?? 0] ?? "";
      return outputs.get(id) === answers[at];
    }).length;
    tf.dispose([pixels, found]);
  }
  compiled.dispose();
  teacher.dispose();
  tf.dispose([example, weight, bias]);
  pack.close();
  return right;
}

const shared = sharedData("data", "tiny-imagenet-200", "val.zip")?.replace(/\/data\/.*$/, "");
// Another JPEG decoder may turn one answer or two.
for (
  const [name, right] of [["mobilenet_v1_imagenet", 28], ["mobilenet_v2_imagenet", 52]] as const
) {
  testWithShared(
    `${name} names ${right} of 199 small images`,
    shared,
    (shared) =>
      inFolder(async (cache) => {
        await startEngine();
        const found = await countRight(name, shared, cache);
        assertAlmostEquals(found, right, 2);
      }),
  );
}
