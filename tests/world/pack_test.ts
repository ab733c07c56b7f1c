import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { drawWorldImage } from "../../lib/world/world.ts";
import { packWorld } from "../../lib/world/pack.ts";
import { UserError } from "../../lib/errors/user_error.ts";

async function withCache(test: (cache: string) => Promise<void>): Promise<void> {
  const cache = await Deno.makeTempDir();
  try {
    await test(cache);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("a pack of the world holds its images, labelled by the factor", () =>
  withCache(async (cache) => {
    const world = { seed: 3, first: 5, images: 6, factor: "shape" } as const;
    const pack = await packWorld(world, { canvas: 32, cache });
    for (const place of [0, 3, 5]) {
      const image = drawWorldImage(3, 5 + place, { size: 32 });
      assertEquals(pack.read([place]), image.pixels);
      assertEquals(pack.labels[place], image.factors.shape);
    }
    pack.close();
  }));

Deno.test("packs that differ only in the factor share a file and a digest, others do not", () =>
  withCache(async (cache) => {
    const open = async (options: Parameters<typeof packWorld>[0]) => {
      const pack = await packWorld(options, { canvas: 16, cache });
      pack.close();
      return pack.digest;
    };
    const shape = await open({ seed: 0, images: 4, factor: "shape" });
    assertEquals(await open({ seed: 0, images: 4 }), shape);
    assertEquals([...Deno.readDirSync(cache)].length, 1);
    assertNotEquals(await open({ seed: 1, images: 4 }), shape);
    assertNotEquals(await open({ seed: 0, first: 1, images: 4 }), shape);
    assertNotEquals(await open({ seed: 0, images: 4, fixed: { texture: 2 } }), shape);
  }));

Deno.test("fixed factors are those of every image and of its label", () =>
  withCache(async (cache) => {
    const fixed = { count: 2 };
    const pack = await packWorld({ seed: 0, images: 5, fixed, factor: "count" }, {
      canvas: 16,
      cache,
    });
    assertEquals([...pack.labels], [2, 2, 2, 2, 2]);
    assertEquals(pack.read([4]), drawWorldImage(0, 4, { size: 16, fixed }).pixels);
    pack.close();
  }));

Deno.test("a pack of no images is refused", () =>
  withCache(async (cache) => {
    await assertRejects(() => packWorld({ seed: 0, images: 0 }, { cache }), UserError, "above 0");
  }));
