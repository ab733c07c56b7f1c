/** A run without a recipe: `distill --images FOLDER --teachers NAME,NAME`. */
import { basename, dirname, resolve } from "node:path";
import { checkEvaluation } from "../../evaluation/check_evaluation.ts";
import { suggestion } from "../../errors/did_you_mean.ts";
import { UserError } from "../../errors/user_error.ts";
import { checkSource } from "../../images/sources/check_source.ts";
import { surveyImages } from "../../images/sources/survey.ts";
import { checkOutputFolder, checkOutside } from "../../io/output_path.ts";
import { locateStudent } from "../../runs/locate_student.ts";
import { checkNewRunFolder } from "../../runs/run_folder.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import { checkBackbone } from "../../teachers/check_backbone.ts";
import { parseModelName } from "../../teachers/model_name.ts";
import { studentFamily } from "../../teachers/student_file.ts";
import { zoo } from "../../teachers/zoo/entries.ts";
import {
  type ProposalRequest,
  type StudentRequest,
  type TransformerSize,
  transformerSizes,
} from "../../training/proposal/facts.ts";
import { batchSizeFor, sizeNames } from "../../training/proposal/propose_recipe.ts";
import { UsageError } from "../command.ts";

/** Options of the command that take the place of a recipe. */
export const proposalOptions = {
  images: {
    type: "list",
    value: "FOLDER",
    summary: "instead of RECIPE: folder or zip of images, labels unused",
  },
  teachers: {
    type: "list",
    value: "NAME",
    summary: "networks to learn from: of the zoo (deno task teachers), FAMILY:FILE, or a run",
  },
  student: {
    type: "text",
    value: "SIZE|NETWORK",
    summary:
      "tiny, small or base, or the network to start from; default the first teacher that can",
  },
  minutes: { type: "number", value: "N", summary: "minutes of training, default 10" },
  evaluate: {
    type: "list",
    value: "FOLDER",
    summary: "labelled folders or zips on which the student is measured at the end",
  },
} as const;

/** Values of {@linkcode proposalOptions}. */
export interface ProposalValues {
  readonly images: readonly string[];
  readonly teachers: readonly string[];
  readonly student: string | undefined;
  readonly minutes: number | undefined;
  readonly evaluate: readonly string[];
}

/** Minutes of training where none are given. */
const defaultMinutes = 10;

/** What is asked for, and the network to start from, where it is none of the teachers. */
export interface RequestedProposal {
  readonly request: ProposalRequest;
  readonly source: BackboneSpec | undefined;
}

/**
 * What the options ask for, every name in them looked up; undefined where there are none.
 *
 * @throws {UserError} for images or networks that are not there, and options that do not go together
 */
export async function readProposal(
  values: ProposalValues,
): Promise<RequestedProposal | undefined> {
  const { images, teachers, student, minutes = defaultMinutes, evaluate } = values;
  // Lists that were not given are empty.
  const stray = Object.entries({ teachers, student, minutes: values.minutes, evaluate })
    .find(([, value]) => value !== undefined && `${value}` !== "");
  if (images.length === 0) {
    if (stray === undefined) return undefined;
    throw new UsageError(
      `Found --${
        stray[0]
      } without --images, expected both: with a recipe, say it there or by --set`,
    );
  }
  if (teachers.length === 0) {
    throw new UsageError(
      "Found --images without --teachers, expected the networks to learn from, such as " +
        "--teachers efficientnet_lite0_imagenet,resnet56_cifar10",
    );
  }
  if (!(minutes > 0 && Number.isFinite(minutes))) {
    throw new UsageError(`Found --minutes ${minutes}, expected a number above 0`);
  }
  let count = 0;
  for (const path of images) {
    await checkSource(path);
    count += (await surveyImages({ path })).images;
  }
  batchSizeFor({ images }, count);
  const specs: BackboneSpec[] = [];
  for (const text of teachers) specs.push(await teacherNamed(text));
  refuseTwins(specs);
  const from = student === undefined ? undefined : await studentNamed(student, specs);
  return {
    request: {
      ...{ name: nameOf(images[0]!), images, teachers: specs, minutes, evaluate },
      student: from?.request,
    },
    source: from?.source,
  };
}

/**
 * A teacher as a recipe names it, by its name in the zoo, `FAMILY:FILE`, or the folder of its run.
 *
 * @throws {UserError} where there is none, with the nearest names
 */
export async function teacherNamed(text: string): Promise<BackboneSpec> {
  const run = await locateStudent(text);
  if (run !== undefined) return { name: plain(run.name), checkpoint: `${studentFamily}:${text}` };
  const name = parseModelName(text);
  if (name.kind === "checkpoint") {
    const { family, path, inputSize } = name;
    const spec = { name: plain(basename(path)), checkpoint: `${family}:${path}` };
    return await checked(inputSize === undefined ? spec : { ...spec, inputSize });
  }
  if (name.kind === "teacher" && zoo.some((entry) => entry.name === name.name)) {
    const { inputSize } = name;
    return await checked(
      inputSize === undefined ? { name: name.name } : { name: name.name, inputSize },
    );
  }
  const names = zoo.map(({ name }) => name);
  throw new UserError(
    `Cannot learn from "${text}": found no teacher of that name, no run folder and no FAMILY:FILE, expected ` +
      `one of these. ${suggestion(text, names) || `Teachers: ${names.join(", ")}`}`,
  );
}

async function checked(spec: BackboneSpec): Promise<BackboneSpec> {
  await checkBackbone(spec);
  return spec;
}

/** A name as recipes take it: without endings and dots. */
function plain(text: string): string {
  return text.replace(/\.(pth|pt|bin|safetensors|json)$/i, "").replaceAll(/[^\w-]+/g, "_");
}

function refuseTwins(specs: readonly BackboneSpec[]): void {
  const twin = specs.find(({ name }, i) => specs.findIndex((one) => one.name === name) < i);
  if (twin === undefined) return;
  throw new UserError(
    `Cannot tell two teachers apart: both are called "${twin.name}". Rename a file or folder, or write a ` +
      "recipe, which gives each a name",
  );
}

async function studentNamed(
  text: string,
  teachers: readonly BackboneSpec[],
): Promise<{ readonly request: StudentRequest; readonly source?: BackboneSpec }> {
  if (isSize(text)) return { request: { size: text } };
  const source = await teacherNamed(text).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `Cannot make the student "${text}": found no network of that name and no size, expected ${sizeNames()}, ` +
        `or a network to start from.\n${error.message}`,
      { cause: error },
    );
  });
  const from = source.checkpoint ?? source.name;
  const isTeacher = teachers.some(({ name, checkpoint }) => (checkpoint ?? name) === from);
  return { request: { from }, ...!isTeacher && { source } };
}

function isSize(text: string): text is TransformerSize {
  return Object.hasOwn(transformerSizes, text);
}

/** Folders that are called after the use of their images and not after what they show. */
const uses = /^(train|training|images|photos|pictures|data)$/i;

/** The name of a run, from that of its images. */
function nameOf(path: string): string {
  const own = basename(path), above = basename(dirname(resolve(path)));
  const name = (uses.test(own) && above !== "" ? above : own).replace(/\.zip$/i, "").toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "_")
    .replace(/^[_-]+/, "");
  return name === "" ? "images" : name;
}

/**
 * Looks at everything that a proposed run will need and that can be seen before its teachers are timed.
 *
 * @throws {UserError} for a folder in which no run can begin, and tasks that cannot be measured
 */
export async function checkProposedRun(
  { request: { images, evaluate } }: RequestedProposal,
  { folder, resume }: { readonly folder: string; readonly resume: boolean },
): Promise<void> {
  if (resume) {
    throw new UsageError(
      `Found --resume beside --images, expected the folder of the run alone: its recipe is there. Give ` +
        `distill --resume ${folder}`,
    );
  }
  await checkEvaluation({ tasks: evaluate, metrics: ["knn", "logistic"] });
  await checkOutputFolder(folder, "--run");
  await checkOutside({ path: folder, option: "--run" }, images);
  await checkNewRunFolder(folder);
}
