/**
 * The names by which models are opened, as text and as values. This file alone knows their grammar:
 *
 * ```text
 * pixels | random | random:RUN
 * TEACHER            NAME or NAME@SIZE
 * concatenation      TEACHER+TEACHER...
 * checkpoint         FAMILY:FILE or FAMILY:FILE@SIZE
 * student            anything else: a run folder or a student file
 * ```
 *
 * A run folder may have a name that reads as another kind, such as `demo` or `a+b`. Only the disk can
 * tell, so whoever opens a model looks there first; see `openModel`.
 *
 * @module
 */

/** A teacher of the zoo, at its own input size or another one. */
export interface TeacherName {
  /** Tells it from the other kinds. */
  readonly kind: "teacher";
  /** Name in the zoo. */
  readonly name: string;
  /** Side in pixels to which images are resized. Default: the teacher's own. */
  readonly inputSize?: number | undefined;
}

/** Where a checkpoint lies and how it is read. */
export interface CheckpointSource {
  /** Name of a teacher family, such as `dino`; it may not exist. */
  readonly family: string;
  /** Path of the file. */
  readonly path: string;
}

/** A file of weights in the layout of a teacher family. */
export interface CheckpointName extends CheckpointSource {
  /** Tells it from the other kinds. */
  readonly kind: "checkpoint";
  /** Side in pixels to which images are resized. Default: the checkpoint's own. */
  readonly inputSize?: number | undefined;
}

/** The trained student in a run folder or a student file. */
export interface StudentName {
  /** Tells it from the other kinds. */
  readonly kind: "student";
  /** Path of the folder or the file. */
  readonly path: string;
}

/** Models whose features are joined side by side. */
export interface ConcatenationName {
  /** Tells it from the other kinds. */
  readonly kind: "concatenation";
  /** The parts, at least two. Those that are not in the zoo are read as students. */
  readonly parts: readonly (TeacherName | StudentName)[];
}

/** A network that was never trained. */
export interface RandomName {
  /** Tells it from the other kinds. */
  readonly kind: "random";
  /** Folder of the run whose student's shape it has. Default: a small transformer. */
  readonly run?: string | undefined;
}

/** The image itself as a feature. */
export interface PixelsName {
  /** Tells it from the other kinds. */
  readonly kind: "pixels";
}

/** Any model that can be opened by its name. */
export type ModelName =
  | TeacherName
  | CheckpointName
  | StudentName
  | ConcatenationName
  | RandomName
  | PixelsName;

/**
 * Reads the name of a model. Never fails: text of no other kind is the path of a student.
 *
 * @example
 * ```ts
 * import { parseModelName } from "./model_name.ts";
 * const name = parseModelName("dino:weights/a+b.pth@224");
 * if (name.kind !== "checkpoint" || name.inputSize !== 224) throw new Error("A file of DINO");
 * ```
 */
export function parseModelName(text: string): ModelName {
  if (text === "pixels") return { kind: "pixels" };
  if (text === "random") return { kind: "random" };
  if (text.startsWith("random:")) return { kind: "random", run: text.slice("random:".length) };
  const { base, inputSize } = splitSize(text);
  const source = parseCheckpointSource(base);
  if (source !== undefined) return { kind: "checkpoint", ...source, inputSize };
  const parts = text.split("+");
  return parts.length === 1
    ? parseTeacherName(text)
    : { kind: "concatenation", parts: parts.map(parseTeacherName) };
}

/**
 * Writes the name of a model so that {@linkcode parseModelName} reads it back. The path of a checkpoint
 * that ends in `@` and digits needs an input size behind it, else these are read as one.
 *
 * @example
 * ```ts
 * import { formatModelName } from "./model_name.ts";
 * const text = formatModelName({ kind: "teacher", name: "resnet20_cifar10", inputSize: 48 });
 * if (text !== "resnet20_cifar10@48") throw new Error("A teacher at its input size");
 * ```
 */
export function formatModelName(name: ModelName): string {
  switch (name.kind) {
    case "pixels":
      return "pixels";
    case "random":
      return name.run === undefined ? "random" : `random:${name.run}`;
    case "student":
      return name.path;
    case "teacher":
      return joinSize(name.name, name.inputSize);
    case "checkpoint":
      return joinSize(`${name.family}:${name.path}`, name.inputSize);
    case "concatenation":
      return name.parts.map(formatModelName).join("+");
  }
}

/** Family and path of `FAMILY:FILE`, where a trailing `@SIZE` belongs to the path; else undefined. */
export function parseCheckpointSource(text: string): CheckpointSource | undefined {
  const [, family, path] = /^(\w+):(.+)$/s.exec(text) ?? [];
  return family === undefined || path === undefined ? undefined : { family, path };
}

function parseTeacherName(text: string): TeacherName | StudentName {
  const { base, inputSize } = splitSize(text);
  if (!/^[\w-]+$/.test(base)) return { kind: "student", path: text };
  return { kind: "teacher", name: base, inputSize };
}

function splitSize(text: string): { base: string; inputSize: number | undefined } {
  const [, base, digits] = /^(.*)@(\d+)$/s.exec(text) ?? [];
  const inputSize = Number(digits);
  if (base === undefined || !Number.isSafeInteger(inputSize)) {
    return { base: text, inputSize: undefined };
  }
  return { base, inputSize };
}

function joinSize(base: string, inputSize: number | undefined): string {
  return inputSize === undefined ? base : `${base}@${inputSize}`;
}
