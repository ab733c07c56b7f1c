/** Rules between the options of a recipe: pairs that exclude or must fit each other. */
import { keptTokensOf } from "./feature_cache.ts";
import { worldImageSizes } from "../world/world.ts";
import { encoderStages } from "../nn/encoder.ts";
import type { Recipe, RecipeLadder } from "./options.ts";
import { encoderConfigOf } from "./student_config.ts";
import { studentRules } from "./student_consistency.ts";

/** Options that set the same thing in several ways; a recipe has at most one of each list. */
export const alternatives: readonly (readonly string[])[] = [
  ["optimization.steps", "optimization.epochs", "budget"],
  ["optimization.learningRate", "optimization.baseLearningRate", "optimization.learningRates"],
  ["optimization.warmupSteps", "optimization.warmupEpochs"],
];

/** Everything in a recipe that no single option shows to be wrong, a line each. */
export function contradictions(recipe: Recipe): string[] {
  return rules.flatMap((rule) => rule(recipe));
}

/** Lines about what is wrong; none where the recipe keeps the rule. */
type Rule = (recipe: Recipe) => readonly string[];

const rules: readonly Rule[] = [
  oneOfEachAlternative,
  partsOfTheBatch,
  lengthOfTheRun,
  lengthOfTheWarmup,
  viewsToKeep,
  sizeOfTheSubset,
  rehearsalFirst,
  teachersToStop,
  patchesToKeep,
  weightsOfFixedBalancing,
  weightsOfKnownTeachers,
  levelOfTeacherDrop,
  rowsOfStatistics,
  ...studentRules,
  axesOfTargets,
  differentTeachers,
  namesOfTeachers,
  canvasOfTheWorld,
  optionsOfTheProjector,
];

function oneOfEachAlternative({ optimization, budget }: Recipe) {
  const given = new Set([
    ...Object.keys(optimization).map((option) => `optimization.${option}`),
    ...budget === undefined ? [] : ["budget"],
  ]);
  return alternatives.flatMap((names) => {
    const [first, second] = names.filter((name) => given.has(name));
    return second === undefined ? [] : [`"${first}": found "${second}" beside it; give only one`];
  });
}

/** Equal parts, whose coefficients do not depend on one another. */
function partsOfTheBatch({ optimization: { batchSize, accumulate = 1 }, balancing }: Recipe) {
  const { kind, level, normalization } = balancing, option = '"optimization.accumulate"';
  if (batchSize % accumulate !== 0) {
    return [
      `${option}: ${accumulate} parts do not divide a batch of ${batchSize}; expected a divisor`,
    ];
  }
  if (accumulate === 1) return [];
  if (kind === "ada_loss") {
    return [
      `${option}: the weights of "ada_loss" follow from the losses of the whole batch; expected 1`,
    ];
  }
  if (kind === "teacher_drop" && level === "patch" && normalization === "matrix") {
    return [
      `${option}: with "balancing.level": "patch", the weight of a token follows from what the whole batch ` +
      'keeps; expected 1, or "balancing.normalization": "image"',
    ];
  }
  return [];
}

function lengthOfTheRun({ optimization: { steps, epochs }, budget }: Recipe) {
  if (steps !== undefined || epochs !== undefined || budget !== undefined) return [];
  return ['"optimization": found neither "steps" nor "epochs"; give one, or "budget.minutes"'];
}

function sizeOfTheSubset({ images: { subset }, optimization: { batchSize } }: Recipe) {
  if (subset === undefined) return [];
  const { images, choice, clusters } = subset;
  if (images < batchSize) {
    return [`"images.subset.images": ${images} fill no batch of ${batchSize}; expected as many`];
  }
  if (choice !== "balanced" || clusters <= images) return [];
  return [
    `"images.subset.clusters": found ${clusters} for ${images} images; expected at most as many`,
  ];
}

function rehearsalFirst({ images: { sources } }: Recipe) {
  const later = sources.findIndex((source, place) => "run" in source && place > 0);
  if (later < 0) return [];
  return [`"images.sources.${later}": images of another run; expected at most one such, the first`];
}

function teachersToStop({ balancing: { stop }, teachers }: Recipe) {
  if (stop === undefined || teachers.length > 1) return [];
  return ['"balancing.stop": the only teacher never stops; leave it out, or give more teachers'];
}

function lengthOfTheWarmup({ optimization: { steps, warmupSteps } }: Recipe) {
  if (steps === undefined || warmupSteps === undefined || warmupSteps < steps) return [];
  return [`"optimization.warmupSteps": ${warmupSteps} fill a run of ${steps}; expected fewer`];
}

function viewsToKeep({ featureCache, images, budget }: Recipe) {
  if (featureCache === false || images.views !== undefined || budget !== undefined) return [];
  return [
    '"featureCache": views that never come back cannot be kept; give "images.views", such as 4',
  ];
}

function patchesToKeep({ featureCache }: Recipe) {
  if (typeof featureCache === "boolean") return [];
  const { patchStride, tokens } = featureCache;
  if (patchStride === 1 || tokens.includes("patch")) return [];
  return ['"featureCache.patchStride": no patch tokens are kept; leave it out'];
}

function weightsOfFixedBalancing({ balancing: { kind, weights } }: Recipe) {
  if (kind === "fixed" && weights === undefined) {
    return ['"balancing.weights": found none; give one for each teacher that shall not weigh 1'];
  }
  if (kind !== "fixed" && weights !== undefined) {
    return [`"balancing.weights": only "fixed" has weights, found "${kind}"`];
  }
  return [];
}

function weightsOfKnownTeachers({ balancing: { weights = {} }, teachers }: Recipe) {
  const stranger = Object.keys(weights)
    .find((name) => !teachers.some((teacher) => teacher.name === name));
  return stranger === undefined ? [] : [`"balancing.weights": no teacher is named "${stranger}"`];
}

function levelOfTeacherDrop({ balancing: { kind, level } }: Recipe) {
  if (level !== "patch" || kind === "teacher_drop") return [];
  return [`"balancing.level": only "teacher_drop" works by patch, found "${kind}"`];
}

/** A deviation takes two rows: of a batch where it runs along, else of all batches that it is fitted to. */
function rowsOfStatistics(recipe: Recipe) {
  const { kind } = recipe.standardizer;
  const running = kind === "ema" || kind === "batch";
  const rows = running ? rowsOfBatch(recipe) : fittedRows(recipe);
  if (rows >= 2) return [];
  const [option, more] = running
    ? ["optimization.batchSize", 'at least 2, or "standardizer.kind": "fixed"']
    : ["standardizer.batches", "at least 2, and as many steps"];
  return [
    `"${option}": found 1; the "${kind}" standardiser needs two rows of features for a deviation; ` +
    `expected ${more}`,
  ];
}

/** Rows of features in a batch, of the type of token that has the fewest. */
function rowsOfBatch(recipe: Recipe): number {
  const { optimization: { batchSize } } = recipe;
  const [side, columns] = encoderStages(encoderConfigOf(recipe)).at(-1)!.grid;
  const patches = Math.floor(side) * Math.floor(columns);
  return batchSize * (keptTokensOf(recipe).includes("cls") ? 1 : patches);
}

/** Rows that statistics are fitted to before the first step. */
function fittedRows(recipe: Recipe): number {
  const { optimization: { steps = Infinity }, standardizer: { batches } } = recipe;
  return rowsOfBatch(recipe) * Math.min(batches, steps);
}

/** Axes are found before the first step, and in more rows than there are axes. */
function axesOfTargets(recipe: Recipe) {
  const { kind, axes } = recipe.standardizer;
  if (axes === undefined) return [];
  if (kind === "ema" || kind === "batch") {
    return [
      `"standardizer.axes": "${kind}" is not fitted before the first step, when axes are found; ` +
      'expected "standardizer.kind" to be "fixed", "global" or "phi_s"',
    ];
  }
  const rows = fittedRows(recipe);
  if (axes < rows) return [];
  return [
    `"standardizer.axes": ${axes} axes cannot be found in ${rows} rows of features; expected fewer ` +
    'axes, or more "standardizer.batches" or steps',
  ];
}

function differentTeachers({ teachers }: Recipe) {
  const names = teachers.map(({ name }) => name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  return repeated === undefined ? [] : [`"teachers": "${repeated}" stands there twice`];
}

/** Parameters of projectors have dotted names, of which the teacher's is one part. */
function namesOfTeachers({ teachers }: Recipe) {
  return teachers.flatMap(({ name }) =>
    name.includes(".")
      ? [
        `"teachers": found the name "${name}"; expected one without a dot, such as ` +
        `"${name.replaceAll(".", "_")}", and its file under "checkpoint"`,
      ]
      : []
  );
}

function canvasOfTheWorld({ images: { sources, canvas } }: Recipe) {
  const { smallest, largest } = worldImageSizes;
  const drawn = sources.some((source) => "world" in source);
  if (!drawn || canvas >= smallest && canvas <= largest) return [];
  return [
    `"images.canvas": ${canvas} px, but images of the generated world have ${smallest} to ${largest}`,
  ];
}

/** Which kinds of projectors have an option. */
const kindsWithOption: { readonly [Option in Exclude<keyof RecipeLadder, "kind">]: string[] } = {
  blocks: ["ladder"],
  hidden: ["ladder"],
  lastHidden: ["ladder", "top"],
  inputs: ["ladder"],
  patchStage: ["ladder", "top"],
  from: ["ladder", "top", "transformer"],
  recompute: ["ladder", "top", "transformer"],
  hiddenLayers: ["top"],
  shared: ["top"],
};

function optionsOfTheProjector({ ladder: { kind, ...options } }: Recipe) {
  return (Object.keys(kindsWithOption) as (keyof typeof kindsWithOption)[])
    .filter((option) => options[option] !== undefined && options[option] !== "all")
    .filter((option) => !kindsWithOption[option].includes(kind))
    .map((option) =>
      `"ladder.${option}": a "${kind}" projector has none; only ` +
      kindsWithOption[option].join(" and ")
    );
}
