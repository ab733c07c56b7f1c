/** Kept features are found again by the digests of network and images, and by what computed them. */
import { assertEquals } from "@std/assert";
import { cachedExtractor } from "../../../lib/evaluation/features/pooled_cache.ts";
import type { Backbone } from "../../../lib/teachers/backbone.ts";
import { type FeatureVersion, featureVersion } from "../../../lib/teachers/feature_version.ts";
import type { ImagePack } from "../../../lib/images/packs/pack_file.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

const backbone = {
  name: "shown",
  digest: "of the weights",
  input: { size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
} as unknown as Backbone;
const pack = { count: 2, canvas: 8, digest: "of the images" } as ImagePack;

/** How often features were extracted, not found, in turn. */
async function extractions(
  folder: string,
  turns: readonly {
    readonly backbone?: Partial<Backbone>;
    readonly pack?: Partial<ImagePack>;
    readonly version?: Partial<FeatureVersion>;
  }[],
): Promise<number[]> {
  let count = 0;
  const own = await featureVersion(), counts: number[] = [];
  for (const turn of turns) {
    const extractor = cachedExtractor(
      {
        extract: () => {
          count++;
          return Promise.resolve({ cls: { features: Float32Array.of(1, 2), width: 1 } });
        },
        dispose: () => {},
      },
      { ...backbone, ...turn.backbone },
      folder,
      () => Promise.resolve({ ...own, ...turn.version }),
    );
    await extractor.extract({ ...pack, ...turn.pack });
    counts.push(count);
  }
  return counts;
}

Deno.test("a change of the package's feature version or of the library's is a miss", () =>
  inTemporaryFolder(async (folder) => {
    const { features } = await featureVersion();
    const turns = [
      {},
      {},
      { version: { features: features + 1 } },
      { version: { library: "tensorflow 2.22.0 CPU" } },
      {},
    ];
    assertEquals(await extractions(folder, turns), [1, 1, 2, 3, 3]);
  }));

Deno.test("other weights, input, images or canvas are a miss; another name is none", () =>
  inTemporaryFolder(async (folder) => {
    const turns = [
      {},
      { backbone: { name: "called otherwise" } },
      { backbone: { digest: "others" } },
      { backbone: { input: { size: 16, mean: [0, 0, 0], std: [1, 1, 1] } } as const },
      { backbone: { mode: "xla" } as const },
      { pack: { digest: "others" } },
      { pack: { canvas: 16 } },
    ];
    assertEquals(await extractions(folder, turns), [1, 1, 2, 3, 4, 5, 6]);
  }));

Deno.test("what is kept says which library computed it", async () => {
  const { library } = await featureVersion();
  assertEquals(/^(tensorflow|wasm) \d+\.\d+\.\d+ (CPU|GPU)$/.test(library), true, library);
});

Deno.test("a damaged file is a miss, and a network without a digest is never kept", () =>
  inTemporaryFolder(async (folder) => {
    await extractions(folder, [{}]);
    const [file] = await Array.fromAsync(Deno.readDir(folder));
    const path = `${folder}/${file!.name}`, bytes = await Deno.readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(path, bytes);
    assertEquals(await extractions(folder, [{}, {}]), [1, 1]);
    const nameless = { backbone: { digest: "" } };
    assertEquals(await extractions(folder, [nameless, nameless]), [1, 2]);
  }));
