/** What licences allow, and the strictest of several: a student must respect all of them. */
import { z } from "zod";
import table from "../../data/licences.json" with { type: "json" };
import { suggestion } from "../errors/did_you_mean.ts";
import { UserError } from "../errors/user_error.ts";

/** A licence in the table, from freest to strictest. */
export interface Licence {
  /** SPDX identifier; "own" for one's own, "NOASSERTION" where none is known. */
  readonly id: string;
  readonly title: string;
  /** Whether commercial use is allowed; undefined where nobody knows. */
  readonly commercial: boolean | undefined;
  /** What it asks for, in words. */
  readonly terms: readonly string[];
}

/** Something that a student was made of, and its licence. */
export interface LicensedPart {
  /** Such as "teacher dino" or "images photos". */
  readonly name: string;
  readonly licence: Licence;
}

const licences: readonly Licence[] = z.strictObject({
  version: z.literal(1),
  licences: z.array(z.strictObject({
    id: z.string(),
    title: z.string(),
    commercial: z.boolean(),
    terms: z.array(z.string()),
  })),
  images: z.record(z.string(), z.string()),
}).parse(table).licences;

const own: Licence = { id: "own", title: "one's own", commercial: true, terms: [] };

/** Ranks from freest to strictest: one's own, the table, what nobody knows. */
function rankOf({ id, commercial }: Licence): number {
  if (id === own.id) return -1;
  return commercial === undefined
    ? licences.length
    : licences.findIndex((licence) => licence.id === id);
}

/**
 * The licence of an identifier; one that is not in the table is known by its name alone.
 *
 * @example
 * ```ts
 * import { licenceOf } from "./licences.ts";
 * if (licenceOf("CC-BY-NC-4.0").commercial !== false) throw new Error("NC is non-commercial");
 * if (licenceOf("NOASSERTION").commercial !== undefined) throw new Error("Nobody knows");
 * ```
 */
export function licenceOf(id: string): Licence {
  if (id === own.id) return own;
  return licences.find((licence) => licence.id === id) ??
    {
      id,
      title: id === "NOASSERTION" || id === "unknown" ? "not stated" : id,
      commercial: undefined,
      terms: [],
    };
}

/**
 * The licence that a user names.
 *
 * @throws {UserError} with the nearest identifiers, where the table has none of that name
 */
export function licenceNamed(id: string): Licence {
  const known = [own, ...licences].find((licence) => licence.id === id);
  if (known !== undefined) return known;
  const ids = [own.id, ...licences.map(({ id }) => id)];
  throw new UserError(
    `Cannot use the licence "${id}": expected own, or one of ${ids.slice(1).join(", ")}. ` +
      suggestion(id, ids),
  );
}

/** The licence of an image set that comes with the package, by its path; undefined of others. */
export function licenceOfImages(path: string): Licence | undefined {
  const id = Object.entries(table.images).find(([name]) =>
    path === `data/images/${name}` || path.endsWith(`/data/images/${name}`)
  )?.[1];
  return id === undefined ? undefined : licenceOf(id);
}

/**
 * The part of the strictest licence; the first of equals.
 *
 * @example
 * ```ts
 * import { licenceOf, strictestPart } from "./licences.ts";
 * const parts = ["MIT", "CC-BY-NC-4.0", "Apache-2.0"].map((id) => ({ name: id, licence: licenceOf(id) }));
 * if (strictestPart(parts)?.name !== "CC-BY-NC-4.0") throw new Error("It forbids most");
 * ```
 */
export function strictestPart(parts: readonly LicensedPart[]): LicensedPart | undefined {
  return parts.reduce<LicensedPart | undefined>(
    (most, part) => most === undefined || rankOf(part.licence) > rankOf(most.licence) ? part : most,
    undefined,
  );
}

/**
 * Refuses a use that a part does not allow.
 *
 * @throws {UserError} which names the part and its licence, and what to do
 */
export function requireCommercial(parts: readonly LicensedPart[]): void {
  const forbidding = parts.filter(({ licence }) => licence.commercial !== true);
  if (forbidding.length === 0) return;
  const lines = forbidding.map(({ name, licence: { commercial, title } }) =>
    `${name}: ${title}, ${commercial === false ? "which forbids it" : "so nobody can tell"}`
  );
  throw new UserError(
    `Cannot export for commercial use:\n  ${lines.join("\n  ")}\n` +
      "Distil without them, ask their authors, or say the licence of your images: --data-licence own",
  );
}
