/** What the models of an evaluation see in images, drawn for its report. */
import { nameTasks } from "../../evaluation/name_tasks.ts";
import { featurePictures } from "../../evaluation/pictures/feature_maps.ts";
import type {
  FeaturePictures,
  Pictures,
  SegmentationPictures,
} from "../../evaluation/pictures/pictures.ts";
import { segmentationPictures } from "../../evaluation/pictures/segmentation_maps.ts";
import { readManifest } from "../../evaluation/tasks/manifest.ts";
import type { EvaluationRequest } from "./evaluate_request.ts";

/** Features of sets of images, segmentations of dense ones. */
export async function drawPictures(
  { models, measure: { canvas } }: EvaluationRequest,
  sets: readonly string[],
): Promise<Partial<Pictures>> {
  const features: [set: string, FeaturePictures][] = [];
  const segmentation: [set: string, SegmentationPictures][] = [];
  for (const set of sets) {
    const { kind = "classification" } = await readManifest(set) ?? {};
    if (kind === "classification") {
      features.push([set, await featurePictures(models, set, { canvas })]);
    } else segmentation.push([set, await segmentationPictures(models, set)]);
  }
  // A key replaces pictures on file, so a kind that was not drawn has none.
  return {
    ...features.length === 0 ? {} : { features: toldApart(features) },
    ...segmentation.length === 0 ? {} : { segmentation: toldApart(segmentation) },
  };
}

/** Pictures of sets that may have one base name, under names that tell the sets apart. */
function toldApart<T extends { readonly task: string }>(
  pictures: readonly (readonly [set: string, T])[],
): T[] {
  const tasks = pictures.map(([, { task: name }]) => ({ name }));
  const names = nameTasks(tasks, pictures.map(([set]) => set));
  return pictures.map(([, picture], i) => ({ ...picture, task: names[i]!.name }));
}
