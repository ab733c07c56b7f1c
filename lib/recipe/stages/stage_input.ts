/** A stage of a recipe as a recipe of its own, before its options are checked. */
import { alternatives } from "../consistency.ts";
import type { Recipe, RecipeStage } from "../options.ts";
import { previousTeacher } from "./stage_options.ts";

/** The run of a stage: where it lies, and its recipe, which may still be wrong. */
export interface StageInput {
  /** The stage's name. */
  readonly name: string;
  /** Folder of its run: that of the whole run for the last stage, a folder inside it for the others. */
  readonly folder: string;
  /** What is to be parsed as its recipe. */
  readonly input: Tree;
  /** Whether its student begins as that of the stage before. */
  readonly startsFromPrevious: boolean;
  /** Whether the student of the stage before is one of its teachers. */
  readonly learnsFromPrevious: boolean;
  /** Folder of the stage before; undefined for the first. */
  readonly previous?: string | undefined;
}

type Tree = { readonly [key: string]: unknown };

/**
 * The stages of a recipe in order; one that is the recipe itself where it has none.
 *
 * @param folder of the run
 */
export function stageInputs(recipe: Recipe, folder: string): StageInput[] {
  const { stages = [], ...base } = recipe;
  const folders = stageFolders(stages, folder);
  return stages.map((stage, i) => {
    const { name, start, teachers, ...changes } = stage;
    const learnsFromPrevious = teachers?.some(isPrevious) ?? false;
    const startsFromPrevious = start === undefined
      ? i > 0 && !learnsFromPrevious
      : start === "previous";
    const merged = merge(base, changes);
    const previous = folders[i - 1];
    const taught = teachers?.map((teacher) =>
      isPrevious(teacher)
        ? { name: stages[i - 1]?.name ?? previousTeacher, checkpoint: studentOf(previous) }
        : teacher
    );
    const input = {
      ...merged,
      // The last stage is the run itself.
      name: i === stages.length - 1 ? base.name : `${base.name}.${name}`,
      ...taught && { teachers: taught },
      ...startsFromPrevious && isTree(merged.student) &&
        { student: { ...merged.student, from: previous ?? "" } },
    };
    return { name, folder: folders[i]!, input, startsFromPrevious, learnsFromPrevious, previous };
  });
}

/** Where the runs of stages lie: those before the last inside the folder of the whole run. */
export function stageFolders(
  stages: readonly Pick<RecipeStage, "name">[],
  folder: string,
): string[] {
  return stages.map(({ name }, i) => i === stages.length - 1 ? folder : `${folder}/stages/${name}`);
}

/** The checkpoint by which the student of a stage is a teacher of the next. */
export function studentOf(folder = ""): string {
  return `student:${folder}`;
}

function isPrevious(teacher: NonNullable<RecipeStage["teachers"]>[number]): boolean {
  return teacher === previousTeacher;
}

/** The options of a recipe with those that a stage changes. */
function merge(base: Omit<Recipe, "stages">, changes: Tree): Tree {
  const merged = mergeTrees(base, changes);
  const { images } = merged;
  const { size, canvas } = base.images;
  const changed = isTree(changes.images) ? changes.images : {};
  // A canvas that nobody named is as large as the images.
  if (isTree(images) && size === canvas && changed.size !== undefined) {
    const { canvas: _, ...others } = images;
    merged.images = changed.canvas === undefined ? others : images;
  }
  return withoutAlternatives(merged, changes);
}

function mergeTrees(base: Tree, changes: Tree): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (change === undefined) continue;
    const isOther = isTree(before) && isTree(change) && "kind" in change && key === "student" &&
      change.kind !== (before.kind ?? "transformer");
    merged[key] = isTree(before) && isTree(change) && !isOther
      ? mergeTrees(before, change)
      : change;
  }
  return merged;
}

/** Of options that exclude each other, those that a stage gives take the place of the recipe's. */
function withoutAlternatives(merged: Tree, changes: Tree): Tree {
  const given = alternatives.flatMap((names) =>
    names.some((name) => valueAt(changes, name) !== undefined)
      ? names.filter((name) => valueAt(changes, name) === undefined)
      : []
  );
  return given.reduce((tree, name) => without(tree, name.split(".")), merged);
}

function valueAt(tree: unknown, name: string): unknown {
  return name.split(".").reduce<unknown>(
    (value, key) => isTree(value) ? value[key] : undefined,
    tree,
  );
}

function without(tree: Tree, [key = "", ...rest]: readonly string[]): Tree {
  const { [key]: value, ...others } = tree;
  if (rest.length === 0) return others;
  return isTree(value) ? { ...tree, [key]: without(value, rest) } : tree;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
