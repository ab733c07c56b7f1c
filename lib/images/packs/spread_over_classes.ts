import type { LabelledImages } from "../sources/labels.ts";

/**
 * Keeps the first `limit` images when the classes take turns: every class keeps the same number, as
 * far as it has them. Images stay sorted by name, and no class is renumbered.
 *
 * @param limit Number of images to keep; all where there are fewer.
 *
 * @example
 * ```ts
 * import { spreadOverClasses } from "@hashigo/hashigo/images";
 * const names = ["a/1.png", "a/2.png", "a/3.png", "b/1.png"];
 * const images = names.map((name, file) => ({ file, name, label: name.startsWith("a") ? 0 : 1 }));
 * const kept = spreadOverClasses({ classes: ["a", "b"], images }, 3).images.map(({ name }) => name);
 * if (kept.join() !== "a/1.png,a/2.png,b/1.png") throw new Error("Expected two turns");
 * ```
 */
export function spreadOverClasses(all: LabelledImages, limit: number): LabelledImages {
  const seen = new Map<number, number>();
  const turns = all.images.map((image, position) => {
    const turn = seen.get(image.label) ?? 0;
    seen.set(image.label, turn + 1);
    return { image, position, turn };
  });
  // Within a turn the order of the classes decides, as everywhere.
  turns.sort((a, b) => a.turn - b.turn || a.image.label - b.image.label);
  const kept = turns.slice(0, limit).sort((a, b) => a.position - b.position);
  return { classes: all.classes, images: kept.map(({ image }) => image) };
}
