/** Rules between the options of a student, its images and its ladder. */
import { convolutionalStages } from "../nn/convolutional/convolutional_config.ts";
import { blockMisfit } from "../nn/block_shapes.ts";
import { encoderStages, isTransformer } from "../nn/encoder.ts";
import type { Recipe } from "./options.ts";
import { sizeOf } from "./resolutions.ts";
import { encoderConfigOf, isTransformerStudent } from "./student_config.ts";
import type { RecipeTransformer } from "./student_options.ts";

/** Lines about what is wrong; none where the recipe keeps the rule. */
export const studentRules: readonly ((recipe: Recipe) => readonly string[])[] = [
  ofTransformers(widthOfHeads),
  ofTransformers(widthOfHiddenLayers),
  ofTransformers(widthsOfPrunedBlocks),
  ofTransformers(wholePatches),
  ofTransformers(stagesOfTheStem),
  sourceOfTheLadder,
  oneWholePlace,
  risingResolutions,
  resolutionsOfTheNetwork,
  endsOfResolutions,
  resolutionsAndStride,
  ofTransformers(maskAndStride),
  frozenStages,
  projectorOfTokens,
  blocksOfTheLadder,
  stageOfThePatches,
  rowsOfTheInputs,
];

/** A rule that only a transformer can break. */
function ofTransformers(
  rule: (student: RecipeTransformer, recipe: Recipe) => readonly string[],
): (recipe: Recipe) => readonly string[] {
  return (recipe) => isTransformerStudent(recipe.student) ? rule(recipe.student, recipe) : [];
}

/** Stages of a student; of a transformer, its blocks. */
function depthOf(recipe: Recipe): number {
  const { student } = recipe;
  return isTransformerStudent(student)
    ? student.depth
    : encoderStages(encoderConfigOf(recipe)).length;
}

function widthOfHeads({ width, heads }: RecipeTransformer) {
  if (width % heads === 0) return [];
  return [`"student.width": ${width} cannot be divided over ${heads} heads`];
}

function widthOfHiddenLayers({ width, mlpRatio }: RecipeTransformer) {
  const hidden = width * mlpRatio, nearest = Math.max(1, Math.round(hidden));
  if (Math.abs(hidden - nearest) < 1e-6 * nearest) return [];
  return [
    `"student.mlpRatio": ${mlpRatio} x width ${width} is ${
      Number(hidden.toFixed(6))
    }, not a whole number of hidden ` +
    `features; ${nearest / width} gives ${nearest}`,
  ];
}

function widthsOfPrunedBlocks(student: RecipeTransformer) {
  const reason = blockMisfit(student);
  return reason === undefined ? [] : [`"student": ${reason}`];
}

function sourceOfTheLadder({ student: { source }, ladder: { kind }, teachers }: Recipe) {
  if (source === undefined) return [];
  return [
    ...teachers.some(({ name }) => name === source)
      ? []
      : [`"student.source": no teacher is named "${source}"`],
    ...kind === "ladder" ? [] : [
      `"student.source": only the heads of a "ladder" add to what the student predicts by itself, found "${kind}"`,
    ],
  ];
}

function wholePatches({ patchSize }: RecipeTransformer, { images: { size } }: Recipe) {
  if (size % patchSize === 0) return [];
  return [`"images.size": ${size} px is not a multiple of "student.patchSize", ${patchSize} px`];
}

function stagesOfTheStem({ stem, patchSize, width }: RecipeTransformer) {
  const stages = Math.log2(patchSize);
  if (stem === "patch" || stages >= 1 && Number.isInteger(stages) && 2 * width % patchSize === 0) {
    return [];
  }
  return [
    `"student.stem": a convolution stem halves the image until patches of ${patchSize} px are left, ` +
    `at half the width each time before; expected a patch size of 2, 4, 8 or 16 and a width ` +
    `divisible by half of it, found width ${width}`,
  ];
}

function oneWholePlace(recipe: Recipe) {
  const config = encoderConfigOf(recipe), stride = strideOf(recipe);
  if (config.imageSize >= stride) return [];
  const option = sizeOption(recipe);
  return [
    `"${option}": ${config.imageSize} px is less than one place of the last map of "${config.kind}", ` +
    `${stride} px; give "student.inputSize" at least that`,
  ];
}

/** Pixels per place of the last map of a convolutional student; of a transformer, 1. */
function strideOf(recipe: Recipe): number {
  const config = encoderConfigOf(recipe);
  if (isTransformer(config)) return 1;
  return convolutionalStages(config).reduce((product, stage) => product * stage.stride, 1);
}

/** The option that says which size the student's images have. */
function sizeOption({ student }: Recipe): string {
  return "inputSize" in student ? "student.inputSize" : "images.size";
}

function risingResolutions(recipe: Recipe) {
  const sizes = recipe.student.resolutions?.map(sizeOf);
  if (sizes === undefined) return [];
  const own = encoderConfigOf(recipe).imageSize;
  const falling = sizes.findIndex((size, i) => i > 0 && size <= sizes[i - 1]!);
  return [
    ...falling < 0 ? [] : [
      `"student.resolutions": found ${sizes[falling]} after ${sizes[falling - 1]}; ` +
      "expected rising sizes in pixels",
    ],
    ...sizes.at(-1) === own ? [] : [
      `"student.resolutions": the last is ${sizes.at(-1)} px, but the student's own size ` +
      `("${sizeOption(recipe)}") is ${own}; expected them to be the same`,
    ],
  ];
}

function resolutionsOfTheNetwork(recipe: Recipe) {
  const { student } = recipe, sizes = student.resolutions?.map(sizeOf) ?? [];
  if (isTransformerStudent(student)) {
    const { patchSize } = student, wrong = sizes.find((size) => size % patchSize !== 0);
    if (wrong === undefined) return [];
    return [
      `"student.resolutions": ${wrong} px is not a multiple of "student.patchSize", ${patchSize} px`,
    ];
  }
  const stride = strideOf(recipe), small = sizes.find((size) => size < stride);
  if (small === undefined) return [];
  return [
    `"student.resolutions": ${small} px is less than one place of the last map of "${student.kind}", ` +
    `${stride} px; expected at least that`,
  ];
}

function endsOfResolutions({ student: { resolutions = [] } }: Recipe) {
  const ends = resolutions.map((one) => typeof one === "number" ? undefined : one.until);
  const given = ends.slice(0, -1).filter((end) => end !== undefined);
  if (ends.at(-1) !== undefined || given.length > 0 && given.length < ends.length - 1) {
    return [
      '"student.resolutions": expected "until" of all sizes but the last, which takes the rest, or of ' +
      "none, for equal shares",
    ];
  }
  const falling = given.findIndex((end, i) => i > 0 && end <= given[i - 1]!);
  if (falling < 0) return [];
  return [
    `"student.resolutions": found "until" ${given[falling]} after ${given[falling - 1]}; ` +
    "expected rising shares of the run",
  ];
}

function resolutionsAndStride({ student: { resolutions }, featureCache }: Recipe) {
  if (resolutions === undefined || typeof featureCache === "boolean") return [];
  if (featureCache.patchStride === 1) return [];
  return [
    '"student.resolutions": patches that the cache left out could not be averaged down to a coarser ' +
    `grid; expected "featureCache.patchStride" to be 1, found ${featureCache.patchStride}`,
  ];
}

function maskAndStride({ tokenMask = 0 }: RecipeTransformer, { featureCache }: Recipe) {
  if (tokenMask === 0 || typeof featureCache === "boolean" || featureCache.patchStride === 1) {
    return [];
  }
  return [
    `"student.tokenMask": patches that the cache left out could not be masked; expected ` +
    `"featureCache.patchStride" to be 1, found ${featureCache.patchStride}`,
  ];
}

function frozenStages(recipe: Recipe) {
  const { freeze = 0 } = recipe.student, depth = depthOf(recipe);
  if (freeze < depth) return [];
  return [
    `"student.freeze": ${freeze} of ${depth} stages leaves none to learn; expected 0 to ${
      depth - 1
    }`,
  ];
}

function projectorOfTokens({ ladder: { kind }, student }: Recipe) {
  if (kind !== "transformer" || isTransformerStudent(student)) return [];
  return [
    `"ladder.kind": a "transformer" projector reads the tokens of a transformer, found the student ` +
    `"${student.kind}"; expected "ladder" or "top"`,
  ];
}

function stageOfThePatches(recipe: Recipe) {
  const { ladder: { patchStage }, student: { freeze = 0 } } = recipe, depth = depthOf(recipe);
  if (patchStage === undefined || patchStage < depth && patchStage >= freeze - 1) return [];
  return [
    `"ladder.patchStage": found ${patchStage}; expected a stage from ${
      Math.max(0, freeze - 1)
    } to ` +
    `${depth - 1}`,
  ];
}

function blocksOfTheLadder(recipe: Recipe) {
  const { ladder: { blocks }, student: { freeze = 0 } } = recipe;
  const depth = depthOf(recipe);
  if (blocks === "all") return [];
  const frozen = blocks.find((block) => block < freeze - 1);
  if (frozen !== undefined) {
    return [
      `"ladder.blocks": stage ${frozen} lies inside the ${freeze} frozen ones ("student.freeze"), of which ` +
      `only the output of the last is kept; expected numbers from ${freeze - 1} to ${depth - 1}`,
    ];
  }
  const wrong = blocks.find((block, i) => block >= depth || blocks.indexOf(block) !== i);
  if (wrong !== undefined) {
    return [`"ladder.blocks": found ${wrong}; expected different blocks from 0 to ${depth - 1}`];
  }
  const last = depth - 1;
  if (!blocks.includes(last)) {
    return [
      `"ladder.blocks": the student's features come from its last block, ${last}, which would learn ` +
      `nothing; expected it among ${JSON.stringify(blocks)}`,
    ];
  }
  const falling = blocks.findIndex((block, i) => i > 0 && block < blocks[i - 1]!);
  if (falling < 0) return [];
  return [
    `"ladder.blocks": found ${blocks[falling]} after ${blocks[falling - 1]}; ` +
    "expected blocks in rising order",
  ];
}

/** What standardises the inputs of a ladder is fitted before the first step, and a deviation takes two rows. */
function rowsOfTheInputs(
  { ladder, student, optimization: { batchSize, steps = Infinity } }: Recipe,
) {
  const { kind, inputs = isTransformerStudent(student) ? "raw" : "standardized" } = ladder;
  if (kind !== "ladder" || inputs === "raw" || batchSize * steps >= 2) return [];
  return [
    '"ladder.inputs": the only step sees one image, of which no deviation can be taken; expected "raw", or ' +
    '"optimization.batchSize" or steps of at least 2',
  ];
}
