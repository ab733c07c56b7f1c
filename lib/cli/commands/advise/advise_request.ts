/** What the command line of `advise` asks about. */
import tinyImagenet from "../../../../recipes/tiny_imagenet.ts";
import type { AdviceRequest, Target } from "../../../advice/facts.ts";
import type { MeasureAdviceOptions } from "../../../advice/measure.ts";
import { checkOutputFile, checkOutside } from "../../../io/output_path.ts";
import { zoo } from "../../../teachers/zoo/entries.ts";
import { weightsPlace } from "../../../teachers/zoo/fetched_weights.ts";
import { type OptionValues, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions } from "../../decode_options.ts";
import { readProposal } from "../proposal_request.ts";

/** Options of the command. */
export const adviseOptions = {
  images: { type: "text", value: "FOLDER", summary: "your images: a folder or zip, labels unused" },
  teachers: {
    type: "list",
    value: "NAME",
    summary:
      "networks that could be learnt from, at least two: of the zoo (deno task teachers), FAMILY:FILE, or a run; " +
      "default: the four of recipes/tiny_imagenet.ts, as far as they are on this machine",
  },
  minutes: {
    type: "number",
    value: "N",
    summary: "minutes of training that you have; default: as many as are advised, at most 30",
  },
  target: {
    type: "text",
    value: "MS,MB",
    summary:
      "what the student may cost in use: milliseconds of one image alone on this machine, megabytes of weights",
  },
  recipe: {
    type: "text",
    value: "FILE.ts",
    summary: "also writes the recipe, which distill takes",
  },
  ...decodeOptions,
} as const;

/** What is asked, looked up. */
export interface CheckedAdvice {
  readonly request: AdviceRequest;
  readonly measured: Omit<MeasureAdviceOptions, "now">;
  /** Where the recipe goes. */
  readonly recipe: string | undefined;
}

/**
 * Looks at everything that the measuring will need.
 *
 * @throws {UserError} for no images or too few, fewer than two teachers, and names, numbers and places that cannot be
 * used
 */
export async function readAdviseRequest(
  options: OptionValues<typeof adviseOptions>,
): Promise<CheckedAdvice> {
  const { images, minutes, recipe } = options;
  if (images === undefined) {
    throw new UsageError("Found no --images, expected a folder or zip of your images");
  }
  const target = targetOf(options.target);
  const teachers = options.teachers.length > 0 ? options.teachers : usualTeachers();
  if (new Set(teachers).size < 2) {
    throw new UsageError(
      `Found ${
        teachers.length === 0 ? "no teacher" : `the teacher ${teachers[0]} alone`
      }, expected at least two: the advice is about what they know beside each other. To distil one, ` +
        `deno task distill --images ${images} --teachers ${teachers[0] ?? "NAME"}`,
    );
  }
  const proposal = await readProposal({
    ...{ images: [images], teachers, minutes, student: undefined, evaluate: [] },
  });
  if (recipe !== undefined) {
    if (!recipe.endsWith(".ts")) {
      throw new UsageError(`Found --recipe ${recipe}, expected a name that ends in .ts`);
    }
    await checkOutputFile(recipe, "--recipe");
    await checkOutside({ path: recipe, option: "--recipe" }, [images]);
  }
  const { request } = proposal!;
  return {
    request: { minutes, target },
    measured: {
      ...{ name: request.name, images, teachers: request.teachers },
      ...readDecodeOptions(options),
    },
    recipe,
  };
}

/** Those of the main job, of which runs are on record, as far as they need not be fetched. */
function usualTeachers(): string[] {
  const names = tinyImagenet.teachers.map(({ name }) => name);
  return names.filter((name) => {
    const { wheel } = zoo.find((entry) => entry.name === name)!;
    return wheel === undefined || weightsPlace(wheel) !== "nowhere";
  });
}

/** Such as "5,10". */
function targetOf(text: string | undefined): Target | undefined {
  if (text === undefined) return undefined;
  const [milliseconds = 0, megabytes = 0, ...more] = text.split(",").map(Number);
  if (
    milliseconds > 0 && megabytes > 0 && Number.isFinite(milliseconds + megabytes) &&
    more.length === 0
  ) {
    return { milliseconds, megabytes };
  }
  throw new UsageError(
    `Found --target ${text}, expected two numbers above 0: milliseconds of an image and megabytes of weights, ` +
      "such as 5,10",
  );
}
