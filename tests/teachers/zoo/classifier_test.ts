/**
 * The classifiers of the embedded networks against tests/golden/teachers/classifier_heads.py, to 1e-5 of the
 * largest logit. That they name images rightly is tested in imagenet_test.ts and cifar10_test.ts.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { matchClasses, parseClasses } from "../../../lib/teachers/zoo/class_names.ts";
import { loadClassifier, loadClassifierFrom } from "../../../lib/teachers/zoo/classifier.ts";
import { zoo } from "../../../lib/teachers/zoo/zoo.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { readVerifiedFile } from "../../../lib/weights/verified_file.ts";
import golden from "../../golden/teachers/classifier_heads.json" with { type: "json" };
import { sharedData, testWithShared } from "../../shared_data_fixture.ts";

await startEngine();
const data = new URL("../../../data/teachers/", import.meta.url);

for (const [name, expected] of Object.entries(golden)) {
  Deno.test(`logits of ${name} are those of its file, and its classes have names`, async () => {
    const before = tf.memory().numTensors;
    const classifier = await loadClassifier(name);
    assert(classifier !== undefined);
    assertEquals(classifier.classes.length, expected.classes);
    assert(classifier.classes.every((one) => one.name.length > 0));
    const { width } = expected;
    const features = tf.tensor2d(
      Float32Array.from({ length: 2 * width }, (_, i) => Math.floor(i * 7919 / 13) % 7),
      [2, width],
    );
    const logits = classifier.logits(features);
    const best = tf.argMax(logits, 1);
    assertEquals([...await best.data()], expected.best);
    const values = await logits.data<"float32">();
    expected.values.forEach((value, i) => {
      const row = Math.floor(i / expected.places.length);
      const place = row * expected.classes + expected.places[i % expected.places.length]!;
      assertAlmostEquals(values[place]!, value, 1e-5 * expected.scale);
    });
    tf.dispose([features, logits, best]);
    classifier.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("teachers without a classifier of images have none, unfit names are refused", async () => {
  assertEquals(await loadClassifier("deeplab_v3_voc"), undefined);
  assertEquals(await loadClassifier("specialist_digits"), undefined);
  assertEquals(await loadClassifier("cats"), undefined);
  const entry = zoo.find(({ name }) => name === "resnet20_cifar10");
  const birds = zoo.find(({ name }) => name === "mobilenet_v2_birds")?.classes;
  assert(entry !== undefined && birds !== undefined);
  await assertRejects(
    () => loadClassifierFrom({ ...entry, classes: birds }, data),
    UserError,
    "965 names of classes, expected [64, 965]",
  );
});

Deno.test("classes are found by identifier, name and synonym, and never guessed", () => {
  const classes = parseClasses("background\nn1\tcrane\nn2\tcrane\nn3\tlady's slipper, Orchid\n");
  assertEquals(classes[0], { name: "background" });
  const wanted = ["n2", "N1", "crane", "orchid", "lady's_slipper", "slipper", "background", ""];
  assertEquals(matchClasses(wanted, classes), [2, 1, undefined, 3, 3, undefined, 0, undefined]);
  // An identifier is stronger than a name that looks like one.
  assertEquals(matchClasses(["b"], parseClasses("a\tb\nb\tc")), [1]);
});

const list = sharedData("data", "tiny-imagenet-200", "classes.txt");
testWithShared("WordNet's identifiers stand beside the right names", list, async (path) => {
  const file = zoo.find(({ name }) => name === "mobilenet_v2_imagenet")?.classes;
  assert(file !== undefined);
  const classes = parseClasses(new TextDecoder().decode(await readVerifiedFile(file, data)));
  for (const { id = "", name } of parseClasses(await Deno.readTextFile(path))) {
    const [place = -1] = matchClasses([id], classes);
    assertEquals(classes[place]?.name, name);
  }
});
