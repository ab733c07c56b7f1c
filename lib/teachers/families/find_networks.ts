/**
 * Finds the networks of a family in a file, whatever wrappers, trainers and libraries have put
 * around them: where the name of the family's first tensor ends a name, what stands before it is the
 * network's prefix.
 *
 * @module
 */
import type { CheckpointTensors, WholeFile } from "./checkpoint_tensors.ts";
import { teacherFamilies, type TransformerFamilyName } from "./families.ts";
import { type FamilyFit, fitFamily, type FitOptions } from "./fit_family.ts";
import { type FamilyTensorName, type Naming, namingsOf } from "./naming.ts";
import { translated } from "./translated_tensors.ts";

/** A network in a file, and how far it fits the family. */
export interface FoundNetwork {
  /** What stands before its names; "" for none. */
  readonly prefix: string;
  /** Whose names it has, where they are not the family's own. */
  readonly naming?: string | undefined;
  /** Its tensors under the family's names. */
  readonly checkpoint: CheckpointTensors;
  /** Names of the file that are not part of it. */
  readonly outside: readonly string[];
  /** How far they are those of the family. */
  readonly fit: FamilyFit;
}

/** Most networks of a file that are compared; more are no file that anyone saved. */
const mostNetworks = 20;

/** The networks of a family in a file, those that fit first; at least one, however little it fits. */
export function findNetworks(
  family: TransformerFamilyName,
  file: CheckpointTensors,
  options: FitOptions = {},
): readonly FoundNetwork[] {
  const whole = file.everything ?? wholeOf(file);
  const places = findPlaces(namingsOf(teacherFamilies[family]), whole.tensors);
  const prefixes = places.map(({ prefix }) => prefix);
  return places.map((place) => networkAt(family, file, { whole, place, prefixes, options }))
    .sort((a, b) => a.fit.differences.length - b.fit.differences.length);
}

function wholeOf({ tensors, read }: CheckpointTensors): WholeFile {
  const entries = [...tensors].map(([name, { shape }]) =>
    [name, { shape, container: [] }] as const
  );
  return { tensors: new Map(entries), objects: new Map(), read };
}

/** Where a network begins. */
interface Place {
  readonly prefix: string;
  readonly naming: Naming;
  /** Keys of the dictionaries around its first tensor. */
  readonly container: readonly string[];
}

function findPlaces(namings: readonly Naming[], tensors: WholeFile["tensors"]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const naming of namings) {
    for (const [name, { container }] of tensors) {
      const anchor = naming.anchors.find((anchor) =>
        name === anchor || name.endsWith(`.${anchor}`)
      );
      if (anchor === undefined || places.has(name) || places.size === mostNetworks) continue;
      places.set(name, { prefix: name.slice(0, -anchor.length), naming, container });
    }
  }
  if (places.size > 0) return [...places.values()];
  // Without its first tensor it does not fit; the prefix of its blocks helps to say why.
  const own = namings[0]!, [[first, { container }] = ["", { container: [] }]] = tensors;
  const prefix = /^(.*?)(?:visual\.|encoder\.)?(?:blocks|transformer\.resblocks)\.0\./s;
  const known = [...tensors].map(([name, { container }]) => {
    return { prefix: prefix.exec(name)?.[1], container };
  }).find(({ prefix }) => prefix !== undefined && (prefix === "" || prefix.endsWith(".")));
  const fallback = { prefix: "", container: first === undefined ? [] : container };
  return [{ ...fallback, ...known, prefix: known?.prefix ?? "", naming: own }];
}

function networkAt(
  family: TransformerFamilyName,
  { source, metadata }: CheckpointTensors,
  { whole, place: { prefix, naming, container }, prefixes, options }: {
    readonly whole: WholeFile;
    readonly place: Place;
    readonly prefixes: readonly string[];
    readonly options: FitOptions;
  },
): FoundNetwork {
  const others = prefixes.filter((other) => other !== prefix && other.startsWith(prefix));
  const inside = [...whole.tensors.keys()].filter((name) =>
    name.startsWith(prefix) && !others.some((other) => name.startsWith(other))
  );
  const renamed = naming.rename(inside.map((name) => name.slice(prefix.length)));
  const known = firstParts(family, renamed);
  // Dictionaries beside the network's own are part of it only where the family has such a part.
  const own = inside.filter((name) => {
    const to = renamed.get(name.slice(prefix.length))?.to;
    if (to === undefined) return false;
    const around = whole.tensors.get(name)!.container;
    return around.join("\0") === container.join("\0") || known.has(firstPart(to));
  });
  const names = new Map(own.map((name) => [name, renamed.get(name.slice(prefix.length))!]));
  const tensors = translated(whole, names);
  const fit = fitFamily(family, tensors.tensors, { ...options, optional: naming.optional });
  const read = new Set(own);
  return {
    prefix,
    naming: naming.name,
    checkpoint: { source, metadata, ...tensors },
    outside: [...whole.tensors.keys()].filter((name) => !read.has(name)),
    fit: { ...fit, differences: fit.differences.map((line) => withObject(line, prefix, whole)) },
  };
}

/** Says what stands in the place of a missing tensor, where it is a Python object. */
function withObject(line: string, prefix: string, { objects }: WholeFile): string {
  const [, name] = /^"([^"]*)" is missing/.exec(line) ?? [];
  const object = name === undefined ? undefined : objects.get(prefix + name);
  return object === undefined
    ? line
    : `${line}; the file has the Python object ${JSON.stringify(object.slice(0, 80))} there`;
}

/** First parts of the names that the family reads or knows. */
function firstParts(
  family: TransformerFamilyName,
  renamed: ReadonlyMap<string, FamilyTensorName>,
): ReadonlySet<string> {
  const shapes = [...renamed.values()].map(({ to }) => [to, { shape: [] }] as const);
  const { expected } = fitFamily(family, new Map(shapes));
  return new Set(expected.map(({ from }) => firstPart(from)));
}

function firstPart(name: string): string {
  return name.split(".", 1)[0]!;
}
