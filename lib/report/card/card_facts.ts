/** What is known of a student: gathered from its file and the folder of its run. */
import { basename } from "node:path";
import { z } from "zod";
import type { Evaluation } from "../../evaluation/results.ts";
import { readEvaluation } from "../../evaluation/results.ts";
import type { RunAccount } from "../../metrics/costs/account.ts";
import { encoderStages } from "../../nn/encoder.ts";
import { describeSource } from "../../recipe/describe_source.ts";
import { describeStudent } from "../../recipe/describe_student.ts";
import { recipeDigest } from "../../recipe/fingerprint.ts";
import { loadRecipe } from "../../recipe/load.ts";
import type { Recipe } from "../../recipe/options.ts";
import { loadLatestCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { readAccount } from "../../runs/run_account.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { readOrigin, type RunOrigin } from "../../runs/run_origin.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { UserError } from "../../errors/user_error.ts";
import { parseEncoderConfig } from "../../teachers/encoder_backbone.ts";
import {
  type Licence,
  licenceOf,
  licenceOfImages,
  type LicensedPart,
  strictestPart,
} from "../../teachers/licences.ts";
import { teacherLicences } from "../../teachers/student_file.ts";
import { zoo } from "../../teachers/zoo/entries.ts";
import { decodeSafetensors } from "../../weights/safetensors/safetensors.ts";
import { sha256 } from "../../weights/verified_file.ts";

/** A teacher of a student. */
export interface CardTeacher {
  readonly name: string;
  readonly licence: Licence;
  /** SHA-256 of all that its features depend on. Default: not known. */
  readonly digest?: string | undefined;
}

/** A source of images of a student. */
export interface CardImages {
  readonly name: string;
  /** Default: not stated. */
  readonly licence: Licence;
}

/** What a model card says. */
export interface CardFacts {
  readonly name: string;
  /** SHA-256 of the student's file. */
  readonly digest: string;
  readonly parameters: number;
  /** Kind and size of the network, in words. */
  readonly network: string;
  /** Side in pixels of the images that it takes. */
  readonly size: number;
  /** Numbers of its feature. */
  readonly width: number;
  readonly teachers: readonly CardTeacher[];
  /** The network that it started from, where that is none of its teachers. */
  readonly source?: CardTeacher | undefined;
  readonly images: readonly CardImages[];
  /** Of a student in the folder of its run. */
  readonly recipe?: Recipe | undefined;
  readonly recipeDigest?: string | undefined;
  /** Command, date and machine of the run. */
  readonly origin?: RunOrigin | undefined;
  readonly evaluation?: Evaluation | undefined;
  /** What its run took. Default: not known. */
  readonly account?: RunAccount | undefined;
}

/** Options of {@linkcode cardFacts}. */
export interface CardFactsOptions {
  /** Licence of the images that state none. Default: not stated. */
  readonly dataLicence?: Licence | undefined;
}

const originSchema = z.object({ teachers: z.record(z.string(), z.string()) });

/**
 * Gathers what is known of a student.
 *
 * @param source a run folder, or a `student.safetensors`, of which less is known
 * @throws {UserError} where there is no student
 */
export async function cardFacts(
  source: string,
  { dataLicence = licenceOf("NOASSERTION") }: CardFactsOptions = {},
): Promise<CardFacts> {
  const file = await locateStudent(source);
  if (file === undefined) {
    throw new UserError(
      `Cannot describe "${source}": found no student there, expected the folder of a run or its ` +
        "student.safetensors. Check the path",
    );
  }
  const bytes = await Deno.readFile(file.path);
  const { tensors, metadata } = decodeSafetensors(bytes, { source: `"${file.path}"` });
  const config = parseEncoderConfig(metadata.config, file.name);
  const { width } = encoderStages(config).at(-1)!;
  const run = file.path === source ? undefined : await factsOfRun(source);
  const licences = teacherLicences(metadata);
  return {
    name: file.name,
    digest: await sha256(bytes),
    parameters: [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
    network: run === undefined ? config.kind ?? "vision transformer" : describeStudent(run.recipe),
    size: config.imageSize,
    width,
    teachers: Object.entries(licences).map(([name, id]) => ({
      name,
      licence: licenceOf(id),
      digest: run?.digests[name],
    })),
    source: run && await sourceOf(run.recipe),
    images: run === undefined ? [] : await imagesOf(run.recipe, dataLicence),
    ...run && {
      recipe: run.recipe,
      recipeDigest: recipeDigest(run.recipe),
      origin: run.origin,
      evaluation: run.evaluation,
      account: run.account,
    },
  };
}

/** The images of a recipe; of those of another run, that run's. */
async function imagesOf({ images }: Recipe, unstated: Licence): Promise<CardImages[]> {
  const found: CardImages[] = [];
  for (const one of images.sources) {
    if ("run" in one) {
      const before = await loadRecipe(runPaths(one.run).recipe).catch(() => undefined);
      found.push(
        ...before === undefined
          ? [{ name: describeSource(one), licence: unstated }]
          : await imagesOf(before, unstated),
      );
    } else if ("path" in one) {
      found.push({ name: basename(one.path), licence: licenceOfImages(one.path) ?? unstated });
    } else found.push({ name: describeSource(one), licence: licenceOf("own") });
  }
  return found;
}

async function factsOfRun(folder: string) {
  const paths = runPaths(folder);
  const checkpoint = await loadLatestCheckpoint(paths.folder);
  return {
    recipe: await loadRecipe(paths.recipe),
    origin: await readOrigin(paths.folder),
    evaluation: await readEvaluation(paths.folder),
    account: await readAccount(paths.folder),
    digests: originSchema.safeParse(checkpoint?.meta.origin).data?.teachers ?? {},
  };
}

/** The network that a student started from, where that is none of its teachers. */
async function sourceOf(
  { student: { from }, teachers }: Recipe,
): Promise<CardTeacher | undefined> {
  if (from === undefined) return undefined;
  if (teachers.some(({ name, checkpoint }) => (checkpoint ?? name) === from)) return undefined;
  const entry = zoo.find(({ name }) => name === from);
  if (entry !== undefined) return { name: from, licence: licenceOf(entry.licence) };
  const run = await locateStudent(from).catch(() => undefined);
  if (run === undefined) return { name: from, licence: licenceOf("NOASSERTION") };
  const facts = await cardFacts(from);
  const strictest = strictestPart(licensedParts(facts));
  return {
    name: from,
    licence: strictest?.licence ?? licenceOf("NOASSERTION"),
    digest: facts.digest,
  };
}

/** Folders and zips that a student learnt from; none where they are not known. */
export function imagePaths(facts: CardFacts | undefined): string[] {
  return (facts?.recipe?.images.sources ?? []).flatMap((one) => "path" in one ? [one.path] : []);
}

/** Teachers, source and images with their licences. */
export function licensedParts({ teachers, source, images }: CardFacts): LicensedPart[] {
  return [
    ...teachers.map(({ name, licence }) => ({ name: `teacher ${name}`, licence })),
    ...source === undefined ? [] : [{ name: `source ${source.name}`, licence: source.licence }],
    ...images.map(({ name, licence }) => ({ name: `images ${name}`, licence })),
  ];
}
