import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { featureCacheBytes, openFeatureCache } from "../../../lib/training/feature_cache/file.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

const shape = { views: 2, images: 7, width: 3 };
const features = Float32Array.of(1, 2, 3, 0.1, -0.2, 60000);
const rounded = new Float32Array(new Float16Array(features));

async function inFolder(run: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes images 5 and 0 of view 1, and says where. */
function fill(folder: string): string {
  using cache = openFeatureCache({ folder, key: "a", ...shape });
  const empty = cache.read(1, [5, 0]);
  assertEquals(empty.missing, [0, 1]);
  cache.write(1, [5, 0], features, empty.missing, empty.features);
  assertEquals(empty.features, rounded, "what was computed is used as it will be read");
  return cache.path;
}

Deno.test("features come back rounded to half precision, in any order, after reopening", () =>
  inFolder((folder) => {
    const path = fill(folder);
    assertEquals(Deno.statSync(path).size, featureCacheBytes(shape));
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    const { features: stored, missing } = cache.read(1, [0, 5]);
    assertEquals(missing, []);
    assertEquals(stored, Float32Array.of(...rounded.subarray(3), ...rounded.subarray(0, 3)));
    assertEquals(cache.read(0, [0, 5]).missing, [0, 1], "another view is another record");
    assertEquals(cache.read(1, [0, 6]).missing, [1]);
  }));

Deno.test("another key or shape is another file", () =>
  inFolder((folder) => {
    const path = fill(folder);
    const changes = [{ key: "b" }, { views: 3 }, { images: 8 }, { width: 6 }];
    for (const change of changes) {
      using cache = openFeatureCache({ folder, key: "a", ...shape, ...change });
      assert(cache.path !== path, Object.keys(change).join());
      assertEquals(cache.read(1, [5]).missing, [0]);
    }
  }));

Deno.test("another precision is another file, with other rounding and reach", () =>
  inFolder((folder) => {
    const path = fill(folder);
    using cache = openFeatureCache({ folder, key: "a", ...shape, precision: "bfloat16" });
    assert(cache.path !== path);
    const { features: into, missing } = cache.read(1, [5]);
    assertEquals(missing, [0], "what is kept in float16 is not taken for bfloat16");
    cache.write(1, [5], Float32Array.of(1.00390625, -1.01171875, 70000), missing, into);
    assertEquals([...into], [1, -1.015625, 70144], "ties to even");
    assertEquals(cache.read(1, [5]), { features: into, missing: [] });
    using half = openFeatureCache({ folder, key: "a", ...shape, precision: "float16" });
    assertEquals(half.path, path, "the default");
  }));

Deno.test("without the permission for FFI the file is read by position, and is the same", {
  permissions: { read: true, write: true, env: true },
}, () =>
  inFolder((folder) => {
    fill(folder);
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    assertEquals(cache.read(1, [5, 0, 6]), {
      features: Float32Array.of(...rounded, 0, 0, 0),
      missing: [2],
    });
  }));

Deno.test("a file that is cut while it is open gives what it still has, and is filled again", () =>
  inFolder((folder) => {
    const path = fill(folder);
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    Deno.truncateSync(path, (shape.images + 5) * (4 + 2 * shape.width) + 3);
    const { features: into, missing } = cache.read(1, [5, 0]);
    assertEquals(missing, [0]);
    cache.write(1, [5, 0], features, missing, into);
    assertEquals(cache.read(1, [5, 0]), { features: rounded, missing: [] });
  }));

Deno.test("a record with one wrong bit is missing, its neighbours are not", () =>
  inFolder((folder) => {
    const path = fill(folder);
    const bytes = Deno.readFileSync(path);
    const record = 4 + 2 * shape.width;
    bytes[(shape.images + 5) * record + 6]! ^= 1;
    Deno.writeFileSync(path, bytes);
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    assertEquals(cache.read(1, [5, 0]).missing, [0]);
  }));

Deno.test("a file that was cut short gives what it still has", () =>
  inFolder((folder) => {
    const path = fill(folder);
    Deno.truncateSync(path, (shape.images + 5) * (4 + 2 * shape.width) + 3);
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    assertEquals(cache.read(1, [5, 0]).missing, [0]);
  }));

Deno.test("numbers beyond half precision, and places outside, are refused", () =>
  inFolder((folder) => {
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    const { features: into } = cache.read(0, [0]);
    const numbers = Float32Array.of(1, 70000, 1);
    assertThrows(() => cache.write(0, [0], numbers, [0], into), UserError, "float16");
    assertThrows(() => cache.read(2, [0]), RangeError, "view 2");
    assertThrows(() => cache.read(0, [7]), RangeError, "image 7");
  }));

Deno.test("rows that are not finite are passed on and not kept; their neighbours are", () =>
  inFolder((folder) => {
    using cache = openFeatureCache({ folder, key: "a", ...shape });
    const images = [0, 1, 2, 3];
    const { features: into, missing } = cache.read(0, images);
    const numbers = Float32Array.of(1, NaN, 1, 2, 2, 2, 3, 3, Infinity, 4, 4, 4);
    cache.write(0, images, numbers, missing, into);
    assertEquals(into, numbers);
    const again = cache.read(0, images);
    assertEquals(again.missing, [0, 2]);
    assertEquals([...again.features], [0, 0, 0, 2, 2, 2, 0, 0, 0, 4, 4, 4]);
  }));

Deno.test("a folder that cannot be written is an error with the way out", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const error = assertThrows(
      () => openFeatureCache({ folder: `${folder}/file`, key: "a", ...shape }),
      UserError,
    );
    assert(error.message.includes("XDG_CACHE_HOME"), error.message);
  }));

Deno.test("processes that fill one cache at the same time leave whole records", () =>
  inFolder(async (folder) => {
    const shape = { folder, key: "shared", views: 1, images: 200, width: 500 };
    const program = `
      import { openFeatureCache } from ${
      JSON.stringify(new URL("../../../lib/training/feature_cache/file.ts", import.meta.url).href)
    };
      const { shape, first } = JSON.parse(Deno.args[0]);
      using cache = openFeatureCache(shape);
      const into = new Float32Array(shape.width);
      for (let i = 0; i < shape.images; i++) {
        const image = (first + i) % shape.images;
        cache.write(0, [image], new Float32Array(shape.width).fill(image), [0], into);
      }`;
    await Deno.writeTextFile(`${folder}/fill.ts`, program);
    const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
    const ends = await Promise.all(
      [0, 50, 100, 199].map((first) =>
        new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "-q",
            "-A",
            "--no-check",
            "--config",
            config,
            `${folder}/fill.ts`,
            JSON.stringify({ shape, first }),
          ],
        }).output()
      ),
    );
    for (const { success, stderr } of ends) assert(success, new TextDecoder().decode(stderr));
    using cache = openFeatureCache(shape);
    const { features, missing } = cache.read(0, Array.from({ length: 200 }, (_, i) => i));
    assertEquals(missing, []);
    assert(features.every((value, i) => value === Math.floor(i / 500)));
  }));
