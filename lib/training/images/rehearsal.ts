/** Images of another run, seen again as it saw them. */
import { UserError } from "../../errors/user_error.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { joinPacks } from "../../images/packs/joined_pack.ts";
import { selectImages } from "../../images/packs/select_images.ts";
import type { RecipeRehearsal } from "../../recipe/image_options.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { readPlan } from "../../runs/run_plan.ts";
import { randomStream } from "../../tensors/random.ts";
import { chooseImages, type JoinedSources, type Rehearsal } from "./choose_images.ts";

/** Images of another run, and what is known of it. */
export interface OpenedRehearsal extends Rehearsal {
  /** Those that are seen again. */
  readonly pack: ImagePack;
}

/**
 * Opens images of another run: a part of its images, drawn by the seed of the run that sees them again.
 *
 * @param openSources opens the sources of a recipe's images
 * @throws {UserError} where the run or its images are not there, it has fewer images, or they were chosen by clusters
 */
export async function openRehearsal(
  { run, images: most }: RecipeRehearsal,
  { seed, images: { canvas } }: Pick<Recipe, "seed" | "images">,
  openSources: (recipe: Pick<Recipe, "seed" | "images">) => Promise<JoinedSources>,
): Promise<OpenedRehearsal> {
  const before = await loadRecipe(runPaths(run).recipe);
  const sources = await openSources({ ...before, images: { ...before.images, canvas } });
  const { images } = await chooseImages(sources, before, { random: randomStream(before.seed) });
  if (most !== undefined && most > images.count) {
    images.close();
    throw new UserError(
      `Cannot rehearse ${most} images of "${run}": it was trained on ${images.count}. Give as many or fewer`,
    );
  }
  const drawn = randomStream(seed).at("images", "rehearsed").permutation(images.count)
    .subarray(0, most).sort();
  const { digest, count, addresses } = images;
  const pack: ImagePack = {
    ...selectImages(images, [...drawn]),
    // Those that cannot be read are replaced by neighbours as they were then.
    addresses: addresses === undefined
      ? Int32Array.from(drawn)
      : Int32Array.from(drawn, (place) => addresses[place]!),
    // Closing a selection closes nothing.
    close: () => images.close(),
  };
  const views = before.featureCache === false
    ? undefined
    : (await readPlan(run))?.views ?? before.images.views ?? 1;
  return { pack, images: { digest, canvas, count, addresses }, views };
}

/** Numbers that the addresses of a pack lie below. */
export function addressSpace({ count, addresses }: Pick<ImagePack, "count" | "addresses">): number {
  return addresses === undefined
    ? count
    : addresses.reduce((most, address) => Math.max(most, address), -1) + 1;
}

/** Rehearsed images and then new ones, whose addresses follow those of the other run. */
export function joinRehearsed(
  { pack, images }: OpenedRehearsal,
  others: readonly ImagePack[],
): ImagePack {
  const joined = joinPacks([pack, ...others]), space = addressSpace(images);
  return {
    ...joined,
    addresses: Int32Array.from(
      { length: joined.count },
      (_, place) => place < pack.count ? pack.addresses![place]! : space + place - pack.count,
    ),
  };
}
