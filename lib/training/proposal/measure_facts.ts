/** Looks at images and times networks, for a proposal. */
import { startEngine } from "../../engine/backend.ts";
import { surveyImages } from "../../images/sources/survey.ts";
import type { Work } from "../../io/progress_line.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import { openBackbone } from "../../teachers/open_backbone.ts";
import { matrixSpeed, teacherSeconds } from "../forecast/speed.ts";
import type { MeasuredNetwork, ProposalFacts, ProposalRequest } from "./facts.ts";

/** Side in pixels at which a network of larger images is timed. */
const timedSize = 96;

/** Options of {@linkcode measureFacts}. */
export interface MeasureFactsOptions {
  /** A clock in milliseconds. */
  readonly now: () => number;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/**
 * Counts the images, opens each network once and times it on a few images.
 *
 * @param source the network that the student starts from, where it is none of the teachers
 * @throws {UserError} for images that are not there or mostly unreadable, and networks that cannot be opened
 */
export async function measureFacts(
  { images, teachers }: Pick<ProposalRequest, "images" | "teachers">,
  source: BackboneSpec | undefined,
  { now, onWork }: MeasureFactsOptions,
): Promise<ProposalFacts> {
  onWork?.({ stage: "looking at the images…" });
  const surveys = [];
  for (const path of images) surveys.push(await surveyImages({ path }));
  const sides = surveys.flatMap((survey) => survey.sides).sort((a, b) => a - b);
  await startEngine();
  const measured: MeasuredNetwork[] = [];
  for (const spec of teachers) {
    onWork?.({ stage: `timing ${spec.name}…` });
    measured.push(await timeNetwork(spec, now));
  }
  return {
    images: surveys.reduce((sum, survey) => sum + survey.images, 0),
    side: sides[sides.length >> 1]!,
    teachers: measured,
    source: source && await timeNetwork(source, now),
    operationsPerSecond: await matrixSpeed({ rows: 2048, width: 256 }, now),
  };
}

/** A network opened, timed and closed. */
async function timeNetwork(spec: BackboneSpec, now: () => number): Promise<MeasuredNetwork> {
  const own = await openBackbone({ ...spec, inputSize: undefined });
  const { input: ownInput, encoder } = own;
  const stride = Math.max(1, Math.round(ownInput.size / own.grid()[0]));
  own.dispose();
  const rest = ownInput.size % stride;
  const size = Math.min(ownInput.size, Math.max(1, Math.round(timedSize / stride)) * stride + rest);
  const network = await openBackbone({ ...spec, inputSize: size });
  try {
    const seconds = await teacherSeconds(network, timingRecipe(spec, size), now);
    return { spec, ownInput, stride, timedSize: size, seconds, encoder };
  } finally {
    network.dispose();
  }
}

/** Of its options the size of the images, the batch and the arithmetic matter to the timing. */
function timingRecipe(spec: BackboneSpec, size: number) {
  return defineRecipe({
    name: "timing",
    images: { sources: [{ path: "-" }], size },
    teachers: [spec],
    student: { width: 8, depth: 1, heads: 1, patchSize: size },
    optimization: { batchSize: 16, steps: 1 },
    mode: "graph",
  });
}
