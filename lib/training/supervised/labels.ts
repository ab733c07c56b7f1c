/** The targets of a specialist: one for every CLS token, and for patch tokens where they have their own. */
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { drawWorldImage, worldParts } from "../../world/world.ts";
import type { WorldImages } from "../../world/pack.ts";
import { UserError } from "../../errors/user_error.ts";
import type { SpecialistRecipe } from "./recipe.ts";

/** Targets of a batch: rows that sum to 1, or to 0 where there is nothing to be learnt. */
export interface SupervisedTargets {
  /** `[batch, outputs]`. */
  readonly cls: Float32Array<ArrayBuffer>;
  /** `[batch, tokens, outputs]`; without it the mean of the patch tokens learns what CLS learns. */
  readonly patch?: Float32Array<ArrayBuffer> | undefined;
}

/** A lesson on open images. */
export interface Supervision {
  /** Outputs of the classifier. */
  readonly outputs: number;
  /** Targets of these images. */
  targets(indices: ArrayLike<number>): SupervisedTargets;
}

/**
 * Prepares a recipe's lesson on its images: the class of an image file; the factor of an image of the
 * world, and of each patch that shows it; or which share of each patch, and of the whole image, is which
 * part of an object.
 *
 * @throws {UserError} where parts are to be learnt from image files, or patches from views that move them
 */
export function openSupervision(recipe: SpecialistRecipe, images: ImagePack): Supervision {
  const { images: { sources, canvas }, network, labelSmoothing } = recipe;
  const side = network.imageSize / network.patchSize;
  const worlds = sources.flatMap((source) => "world" in source ? [source.world] : []);
  const factor = worlds.length === sources.length ? worlds[0]?.factor : undefined;
  if (recipe.lesson === "parts" || factor !== undefined) checkPlaces(recipe);
  if (recipe.lesson === "parts") {
    if (worlds.length < sources.length) {
      throw new UserError(
        'Cannot teach "parts" with image files: only images of the world know theirs. Give a source ' +
          'such as { world: { seed: 1, images: 20000 } }, or the lesson "class".',
      );
    }
    return partsSupervision(partShares(worlds, canvas, side));
  }
  const classes = classSupervision(images, labelSmoothing);
  return factor === undefined
    ? classes
    : shownFactor(classes, partShares(worlds, canvas, side), factor === "background");
}

/** Refuses views whose patches show another place than the targets are of. */
function checkPlaces({ name, images: { augmentation: { flip, scale, ratio } } }: SpecialistRecipe) {
  const moving = Object.entries({ flip, scale, ratio }).find(([, option]) => option !== false);
  if (moving === undefined) return;
  throw new UserError(
    `Cannot train "${name}" patch by patch: found augmentation.${
      moving[0]
    }, which moves what patches show ` +
      "but not their targets, expected false. The world has as many other images as you like.",
  );
}

function classSupervision({ labels, classes }: ImagePack, smoothing: number): Supervision {
  return {
    outputs: classes.length,
    targets: (indices) => ({
      cls: smoothLabels(
        Array.from(indices, (index) => labels[index] ?? 0),
        classes.length,
        smoothing,
      ),
    }),
  };
}

/** The class of the image for every patch too of which more than half shows the object or the background. */
function shownFactor(
  { outputs, targets }: Supervision,
  { shares, tokens }: PartShares,
  background: boolean,
): Supervision {
  return {
    outputs,
    targets(indices) {
      const { cls } = targets(indices);
      const patch = new Float32Array(indices.length * tokens * outputs);
      for (let i = 0; i < indices.length; i++) {
        const label = cls.subarray(i * outputs, (i + 1) * outputs);
        for (let token = 0; token < tokens; token++) {
          const behind = shares[(indices[i]! * tokens + token) * worldParts.length]!;
          if ((behind > 0.5) === background) patch.set(label, (i * tokens + token) * outputs);
        }
      }
      return { cls, patch };
    },
  };
}

function partsSupervision({ shares, tokens }: PartShares): Supervision {
  const outputs = worldParts.length, size = tokens * outputs;
  return {
    outputs,
    targets(indices) {
      const cls = new Float32Array(indices.length * outputs);
      const patch = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) {
        const imageShares = shares.subarray(indices[i]! * size, (indices[i]! + 1) * size);
        patch.set(imageShares, i * size);
        imageShares.forEach((share, place) => {
          const output = i * outputs + place % outputs;
          cls[output] = cls[output]! + share / tokens;
        });
      }
      return { cls, patch };
    },
  };
}

interface PartShares {
  /** `[images, tokens, parts]`: how much of a patch is background, body, head and tail. */
  readonly shares: Float32Array;
  readonly tokens: number;
}

function partShares(worlds: readonly WorldImages[], canvas: number, side: number): PartShares {
  const patch = canvas / side, outputs = worldParts.length;
  const count = worlds.reduce((sum, { images }) => sum + images, 0);
  const shares = new Float32Array(count * side * side * outputs);
  let place = 0;
  for (const { seed, images, first = 0, fixed = {} } of worlds) {
    for (let image = first; image < first + images; image++, place++) {
      const { parts } = drawWorldImage(seed, image, { size: canvas, fixed });
      for (let pixel = 0; pixel < parts.length; pixel++) {
        const row = Math.floor(pixel / canvas / patch);
        const column = Math.floor(pixel % canvas / patch);
        const output = ((place * side + row) * side + column) * outputs + parts[pixel]!;
        shares[output] = shares[output]! + 1 / patch ** 2;
      }
    }
  }
  return { shares, tokens: side * side };
}

/** Class numbers to rows `[batch, classes]` that sum to 1, with a part spread over all classes. */
export function smoothLabels(
  labels: ArrayLike<number>,
  classes: number,
  smoothing: number,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let i = 0; i < labels.length; i++) {
    const place = i * classes + (labels[i] ?? 0);
    rows[place] = (rows[place] ?? 0) + 1 - smoothing;
  }
  return rows;
}
