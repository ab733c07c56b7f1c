/** Looks at a finished run and at new images, for an update. */
import { createHash } from "node:crypto";
import { UserError } from "../../errors/user_error.ts";
import { spreadOverClasses } from "../../images/packs/spread_over_classes.ts";
import type { SourceFiles } from "../../images/source_files.ts";
import { listDataset } from "../../images/sources/dataset.ts";
import { unlabelledImages } from "../../images/sources/labelled_images.ts";
import { namedPart, partToDistil } from "../../images/sources/parts.ts";
import { openSourceFiles } from "../../images/sources/source.ts";
import { surveyImages } from "../../images/sources/survey.ts";
import type { RecipeFiles, RecipeSource } from "../../recipe/image_options.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { listCheckpoints } from "../../runs/checkpoint/read.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { readRunResult } from "../../runs/run_result.ts";
import type { UpdateFacts, UpdateRequest } from "./update_recipe.ts";

/**
 * Counts images old and new, and reads what the old run says of itself. It decodes nothing.
 *
 * @throws {UserError} where images are not there, most of the new ones are unreadable, or the old run had some of the
 * new ones already
 */
export async function measureUpdate(
  { run, images }: Pick<UpdateRequest, "run" | "images">,
): Promise<UpdateFacts> {
  const paths = runPaths(run), before = await loadRecipe(paths.recipe);
  let added = 0;
  for (const path of images) added += (await surveyImages({ path })).images;
  const sources = await filesOfRun(before);
  await refuseKnown(run, sources.files, images);
  const { subset } = before.images;
  return {
    before,
    seconds: (await readRunResult(run)).seconds,
    counts: { old: subset?.images ?? sources.count, new: added },
    hasProjectors: (await listCheckpoints(paths.checkpoints)).length > 0,
  };
}

/** Files that a run was trained on, and the number of images of a pass. */
async function filesOfRun(
  { images: { sources } }: Recipe,
): Promise<{ readonly files: readonly RecipeFiles[]; readonly count: number }> {
  const files: RecipeFiles[] = [];
  let count = 0;
  for (const source of sources) {
    const found = await filesOfSource(source);
    files.push(...found.files);
    count += found.count * (source.repeat ?? 1);
  }
  return { files, count };
}

async function filesOfSource(source: RecipeSource) {
  if ("world" in source) return { files: [], count: source.world.images };
  if ("run" in source) {
    const { files, count } = await filesOfRun(await loadRecipe(runPaths(source.run).recipe));
    return { files, count: source.images ?? count };
  }
  const { images } = await surveyImages(source);
  return { files: [source], count: Math.min(images, source.limit ?? Infinity) };
}

/** Refuses new images whose bytes are those of an image that the run had. */
async function refuseKnown(
  run: string,
  old: readonly RecipeFiles[],
  images: readonly string[],
): Promise<void> {
  // Only files of one size can be the same: few are read.
  const sizes = new Set<number>();
  for (const source of old) await eachImage(source, ({ size }) => void sizes.add(size));
  const added = new Map<string, string>(), addedSizes = new Set<number>();
  let count = 0;
  for (const path of images) {
    await eachImage({ path }, async ({ size, name, read }) => {
      count++;
      if (!sizes.has(size)) return;
      added.set(digestOf(await read()), `${path}/${name}`);
      addedSizes.add(size);
    });
  }
  const known = new Set<string>();
  for (const source of added.size === 0 ? [] : old) {
    await eachImage(source, async ({ size, read }) => {
      if (!addedSizes.has(size)) return;
      const name = added.get(digestOf(await read()));
      if (name !== undefined) known.add(name);
    });
  }
  if (known.size === 0) return;
  const examples = [...known].slice(0, 3).map((name) => `"${name}"`).join(", ");
  throw new UserError(
    `Cannot update "${run}" with these images: it was trained on ${
      known.size === count ? "all" : known.size
    } of the ${count} already, such as ${examples}; expected new ones. Leave these out: old images are rehearsed anyway`,
  );
}

async function eachImage(
  { path, split, limit = Infinity }: RecipeFiles,
  visit: (image: {
    readonly name: string;
    readonly size: number;
    read(): Promise<Uint8Array>;
  }) => Promise<void> | void,
): Promise<void> {
  const files: SourceFiles = await openSourceFiles(path);
  try {
    const dataset = listDataset(files);
    const part = split === undefined ? partToDistil(dataset).part : namedPart(dataset, split);
    for (
      const { file, name } of spreadOverClasses(unlabelledImages(dataset, part), limit).images
    ) {
      await visit({ name, size: files.files[file]!.size, read: () => files.read(file) });
    }
  } finally {
    files.close();
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
