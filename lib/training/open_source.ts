/** Opens the image sources that recipes name. */
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { packImages } from "../images/packs/pack.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { packWorld } from "../world/pack.ts";
import type { RecipeFiles, RecipeWorld } from "../recipe/image_options.ts";

/** Opens one source of a recipe: files, or images of the generated world. Close it when done. */
export async function openSource(
  source: RecipeFiles | RecipeWorld,
  options: DecodeOptions & {
    readonly canvas: number;
    readonly quarantine?: number | undefined;
    readonly workers?: number | undefined;
    readonly onListed?: ((line: string) => void) | undefined;
    readonly labels?: "required" | "unused" | undefined;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<ImagePack> {
  const { canvas, onProgress } = options;
  if ("world" in source) return await packWorld(source.world, { canvas, onProgress });
  const { path, split, limit } = source;
  return await packImages({ path, split }, { ...options, limit });
}
