/** Which images of its sources a run sees: some held out, some more than once, or a subset. */
import { UserError } from "../../errors/user_error.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { selectImages } from "../../images/packs/select_images.ts";
import type { Work } from "../../io/progress_line.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { balancedChoice } from "./balanced_choice.ts";
import { clustersOf } from "./clusters.ts";

/** The images of a run. */
export interface ChosenImages {
  /** Those of a pass, some of them more than once; closing them closes all. */
  readonly images: ImagePack;
  /** Those that are only measured, where the recipe has some; closed with the others. */
  readonly heldOut?: ImagePack | undefined;
}

/** What a run must know of another one to find the features that this one has kept. */
export interface Rehearsal {
  /** The images of a pass of the other run, all of them; addresses below their number are theirs. */
  readonly images: Pick<ImagePack, "digest" | "canvas" | "count" | "addresses">;
  /** Views of each image that the other run planned; undefined where it kept no features. */
  readonly views: number | undefined;
}

/** All images of a recipe: its sources, joined. */
export interface JoinedSources {
  /** Every image once. */
  readonly all: ImagePack;
  /** Number of images of each source, in order. */
  readonly counts: readonly number[];
  /** What is known of the run whose images come first, where there is one. */
  readonly rehearsal?: Rehearsal | undefined;
}

/** What a choice of images depends on. */
export interface ChooseOptions {
  /** By whose features a balanced subset is chosen; needed for one. */
  readonly teacher?: Teacher | undefined;
  readonly random: RandomStream;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/**
 * Chooses the images of a run, by the address ("images") of its seed: first those that are held out, so
 * that none of them is seen; then the others, as often as their source says; then the subset. All of them
 * are left as they are where the recipe says nothing.
 *
 * @throws {UserError} where there are fewer images than the recipe asks for
 */
export async function chooseImages(
  { all, counts }: JoinedSources,
  recipe: Pick<Recipe, "name" | "seed" | "images" | "balancing" | "optimization">,
  options: ChooseOptions,
): Promise<ChosenImages> {
  const { sources, subset } = recipe.images;
  const heldOut = heldOutImages(all, recipe, options.random);
  const isHeld = new Set(heldOut);
  let seen = counts.flatMap((count, i) => {
    const start = counts.slice(0, i).reduce((sum, value) => sum + value, 0);
    const own = Array.from({ length: count }, (_, k) => start + k).filter((k) => !isHeld.has(k));
    return Array.from({ length: sources[i]?.repeat ?? 1 }, () => own).flat();
  });
  if (subset !== undefined) {
    if (subset.images > seen.length) {
      throw new UserError(
        `Cannot run recipe "${recipe.name}" on a subset of ${subset.images} images: its sources have ` +
          `${seen.length}. Give images.subset.images=${seen.length} or fewer, or leave the subset out`,
      );
    }
    seen = await subsetOf(seen, all, { ...options, subset, seed: recipe.seed });
  }
  const isWhole = seen.length === all.count && seen.every((image, i) => image === i);
  return {
    // Closing a selection closes nothing.
    images: isWhole ? all : { ...selectImages(all, seen), close: () => all.close() },
    heldOut: heldOut.length === 0 ? undefined : selectImages(all, heldOut),
  };
}

function heldOutImages(
  { count }: ImagePack,
  { name, balancing: { stop }, optimization: { batchSize } }: Pick<
    Recipe,
    "name" | "balancing" | "optimization"
  >,
  random: RandomStream,
): number[] {
  if (stop === undefined) return [];
  const most = count - batchSize;
  if (stop.heldOut > most) {
    throw new UserError(
      `Cannot run recipe "${name}" with ${stop.heldOut} images held out: of ${count} images a batch of ` +
        `${batchSize} must be left. Give balancing.stop.heldOut=${
          Math.max(0, most)
        } or fewer, or more images`,
    );
  }
  return [...random.at("images", "heldOut").permutation(count).subarray(0, stop.heldOut)]
    .sort((a, b) => a - b);
}

async function subsetOf(
  seen: readonly number[],
  all: ImagePack,
  { subset, seed, teacher, random, onWork }: ChooseOptions & {
    readonly subset: NonNullable<Recipe["images"]["subset"]>;
    readonly seed: number;
  },
): Promise<number[]> {
  const draw = random.at("images", "subset");
  if (subset.choice === "random") {
    return [...draw.permutation(seen.length).subarray(0, subset.images)].sort((a, b) => a - b)
      .map((place) => seen[place]!);
  }
  if (teacher === undefined) {
    throw new UserError(
      "Cannot rehearse images of a run that chose them by clusters of its teacher's features. Rehearse a run " +
        "that saw all of its images, or a random subset",
    );
  }
  const { clusters } = subset;
  const groups = random.at("images", "clusters");
  const clusterOf = await clustersOf(all, teacher, { clusters, seed, random: groups, onWork });
  return balancedChoice(seen.map((image) => clusterOf[image]!), subset.images, draw)
    .map((place) => seen[place]!);
}
