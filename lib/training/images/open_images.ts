/** The image sources of a recipe as one pack, and what a run sees of them in words. */
import { joinPacks } from "../../images/packs/joined_pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { defaultQuarantine } from "../../images/packs/quarantine.ts";
import type { Work } from "../../io/progress_line.ts";
import { describeSource } from "../../recipe/describe_source.ts";
import type { Recipe } from "../../recipe/options.ts";
import { openSource } from "../open_source.ts";
import type { ChosenImages, JoinedSources } from "./choose_images.ts";
import { joinRehearsed, type OpenedRehearsal, openRehearsal } from "./rehearsal.ts";

/** All image sources of a recipe, joined. */
export async function openImages(
  recipe: Pick<Recipe, "seed" | "images" | "workers">,
  onNote: (line: string) => void,
  onWork?: (work: Work) => void,
): Promise<JoinedSources> {
  const { sources, canvas, background, maximumPixels } = recipe.images;
  const { quarantine = defaultQuarantine } = recipe.images;
  const packs: ImagePack[] = [];
  let rehearsal: OpenedRehearsal | undefined;
  for (const source of sources) {
    if ("run" in source) {
      rehearsal = await openRehearsal(
        source,
        recipe,
        (before) => openImages({ ...recipe, ...before }, onNote, onWork),
      );
      packs.push(rehearsal.pack);
      continue;
    }
    if ("world" in source) onNote(`images: ${describeSource(source)}`);
    const stage = `packing ${describeSource(source)}`;
    packs.push(
      await openSource(source, {
        canvas,
        background,
        maximumPixels,
        quarantine,
        workers: recipe.workers,
        labels: "unused",
        onListed: (line) => onNote(`images: ${describeSource(source)}: ${line}`),
        onProgress: (done, total) => onWork?.({ stage, done, total, unit: "images" }),
      }),
    );
  }
  const images = rehearsal === undefined
    ? joinPacks(packs)
    : joinRehearsed(rehearsal, packs.slice(1));
  for (const { name, reason } of images.quarantined ?? []) {
    onNote(`warning: ${name} is unreadable and replaced by a neighbour: ${reason}`);
  }
  return {
    ...{ all: images, counts: packs.map(({ count }) => count) },
    // Absent where nothing is rehearsed.
    ...rehearsal && { rehearsal: { images: rehearsal.images, views: rehearsal.views } },
  };
}

/**
 * Which images of which source a pass shows, and how many are held out; nothing where it shows each image
 * of one source once.
 */
export function describeImages(
  { all, counts }: JoinedSources,
  { images: { sources, subset } }: Pick<Recipe, "images">,
  { images, heldOut }: ChosenImages,
): string[] {
  if (images === all && sources.length === 1) return [];
  const number = (value: number) => value.toLocaleString("en-US");
  const parts = sources.map((source, i) => `${number(counts[i]!)} of ${describeSource(source)}`);
  const chosen = subset === undefined ? "" : `, a ${subset.choice} subset` +
    (subset.choice === "balanced" ? ` over ${subset.clusters} clusters` : "");
  const held = heldOut === undefined ? "" : `; ${number(heldOut.count)} are held out`;
  return [`images in a pass: ${number(images.count)}${chosen}, from ${parts.join(", ")}${held}`];
}
