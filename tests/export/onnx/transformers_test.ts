import { assert, assertEquals } from "@std/assert";
import { exportOnnx } from "../../../lib/export/onnx/export_onnx.ts";
import { openStudent } from "../../../lib/inference/open_student.ts";
import { inFolder, png, writeFiles } from "../../images/images_fixture.ts";
import { randomStudent } from "./random_student_fixture.ts";

/** Not a dependency of the package: it is imported by this test alone. */
const transformersJs = "npm:@huggingface/transformers@4.3.2";

/** The package, or why it is not there. */
async function load(): Promise<
  { readonly module?: Record<string, unknown>; readonly why: string }
> {
  try {
    return { module: await import(transformersJs), why: "" };
  } catch (error) {
    return { why: `skipped: ${error instanceof Error ? error.message.split("\n")[0] : error}` };
  }
}

const { module, why } = await load();

for (
  const config of [
    { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 3 },
    { kind: "mobilenet_v2", imageSize: 64, widthMultiplier: 0.25 },
  ] as const
) {
  const kind = "kind" in config ? config.kind : "transformer";
  Deno.test({
    name: `transformers.js loads the folder of a ${kind}, without a network` + (why && ` (${why})`),
    ignore: module === undefined,
    // Its runtime keeps threads.
    sanitizeResources: false,
    sanitizeOps: false,
    fn: () =>
      inFolder(async (folder) => {
        const photo = await png(5, config.imageSize, config.imageSize);
        await writeFiles(folder, {
          "student.safetensors": randomStudent(config),
          "photos/a.png": photo,
        });
        const source = `${folder}/student.safetensors`;
        await exportOnnx(source, {
          ...{ out: `${folder}/exported`, precision: "float32", preprocessing: false },
          ...{ images: [`${folder}/photos`], version: "0.0.0", metadata: {} },
        });
        // deno-lint-ignore no-explicit-any -- its types are those of a package that is not always there
        const { pipeline, env, RawImage } = module as any;
        env.allowRemoteModels = false;
        env.localModelPath = folder;
        const extract = await pipeline("image-feature-extraction", "exported", { dtype: "fp32" });
        const image = await RawImage.fromBlob(new Blob([new Uint8Array(photo)]));
        const tokens = await extract(image);
        const pooled = await extract(image, { pool: true });
        using student = await openStudent(source);
        const [embedding, patches] = [await student.embed([photo]), await student.patches([photo])];
        const { width } = student, places = patches[0]!.length / width;
        assertEquals(tokens.dims, [1, 1 + places, width]);
        assertEquals(pooled.dims, [1, width]);
        const largest = Math.max(...embedding[0]!.map(Math.abs));
        const close = (actual: Float32Array, expected: Float32Array) =>
          expected.forEach((value, i) => assert(Math.abs(value - actual[i]!) < 1e-3 * largest));
        close(pooled.data, embedding[0]!);
        close(tokens.data.slice(width), patches[0]!);
        await extract.dispose();
      }),
  });
}
