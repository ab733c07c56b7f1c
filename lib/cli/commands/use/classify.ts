/** `classify RUN`: fits a classifier to labelled images, and sorts others by it. */
import { startEngine } from "../../../engine/backend.ts";
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { openModel } from "../../../evaluation/models/open_model.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { classifiedCsv, classifyFolder } from "../../../inference/classify_folder.ts";
import { fitHead } from "../../../inference/fit_head.ts";
import { labelledFeatures } from "../../../inference/folder_features.ts";
import type { Head } from "../../../inference/head.ts";
import { readHead, writeHead } from "../../../inference/head_file.ts";
import { headPathOf, openStudent } from "../../../inference/open_student.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { checkOutputFile } from "../../../io/output_path.ts";
import { readText } from "../../../io/text_file.ts";
import { parseCostMatrix } from "../../../metrics/costs/cost_matrix.ts";
import { defineCommand, type Invocation, type Options, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions, showReading } from "../../decode_options.ts";

/** Cost of asking a person where an error costs 1: the class is less likely than not. */
const usualRejection = 0.5;

/** Lines that are shown where no file is written. */
const shownRows = 20;

/** The command, as a value. */
export const classify = defineCommand({
  name: "classify",
  group: "use",
  summary: "Fits a classifier to labelled images, and sorts others by it",
  details:
    "With --train a logistic regression is fitted to the student's features of labelled images (class\n" +
    "folders, or a table of labels), calibrated by cross-validation, and kept as head.safetensors beside\n" +
    "the student. Without it the one that is there, or --model, is applied. --images are sorted: class,\n" +
    "probability, and `unsure` where asking a person costs less than the likely error.",
  example: "runs/photos --train labelled --images new --out classes.csv",
  positionals: ["RUN"],
  options: {
    train: { type: "text", value: "FOLDER", summary: "labelled images to fit the classifier to" },
    images: { type: "text", value: "FOLDER", summary: "images to sort" },
    out: {
      type: "text",
      value: "FILE.csv",
      summary: "table of all of them; default: a few are shown",
    },
    model: {
      type: "text",
      value: "FILE",
      summary: "classifier to keep (with --train) or to apply; default head.safetensors in RUN",
    },
    costs: {
      type: "text",
      value: "FILE.csv",
      summary: "costs of errors, a line for each true class; default: every error costs 1",
    },
    rejection: {
      type: "number",
      value: "COST",
      summary: "cost of asking a person; default 0.5, with --costs none is asked",
    },
    seed: { type: "number", value: "N", summary: "draws held-out images; default 0" },
    ...decodeOptions,
  },
  check: async ({ positionals: [source = ""], options }) => {
    const { train, images, out, costs, rejection, seed } = options;
    const decoding = readDecodeOptions(options);
    if (train === undefined && images === undefined) {
      throw new UsageError("Found neither --train nor --images, expected one of them, or both");
    }
    if (out !== undefined && (images === undefined || !out.endsWith(".csv"))) {
      throw new UsageError(
        `Found --out ${out}${
          images === undefined ? " without --images" : ""
        }, expected --images FOLDER and ` +
          "a name that ends in .csv",
      );
    }
    for (const [name, value] of [["costs", costs], ["rejection", rejection], ["seed", seed]]) {
      if (train !== undefined || value === undefined) continue;
      throw new UsageError(
        `Found --${name} without --train, expected both: the classifier keeps how it decides`,
      );
    }
    if (rejection !== undefined && !Number.isFinite(rejection)) {
      throw new UsageError(`Found --rejection ${rejection}, expected a number`);
    }
    await checkEvaluation({ models: [{ source }], tasks: [] });
    for (const path of [train, images]) if (path !== undefined) await checkSource(path);
    if (out !== undefined) await checkOutputFile(out, "--out");
    const model = options.model ?? await headPathOf(source);
    if (model === undefined) {
      throw new UsageError(
        `Found no --model, expected one: "${source}" has no folder to keep a classifier in`,
      );
    }
    if (train !== undefined) await checkOutputFile(model, "--model");
    else if (await readHead(model) === undefined) {
      throw new UsageError(
        `Found no classifier "${model}", expected one that was fitted before. Fit it with --train FOLDER`,
      );
    }
    return { source, model, decoding, costs: costs && await readCostText(costs) };
  },
  run: async (invocation, { source, model, decoding, costs }) => {
    const { options: { train, images, out }, say, emit } = invocation;
    await startEngine();
    const reading = { ...decoding, ...showReading(invocation) };
    if (train !== undefined) {
      const head = await fit(invocation, { source, train, reading, costs });
      await writeHead(model, head);
      headLines(head, model).forEach(say);
      const { classes, validation, temperature } = head;
      emit({ model, classes, validation, temperature });
    }
    if (images === undefined) return;
    using student = await openStudent(source, { head: model });
    const { rows, checked } = await classifyFolder(student, images, reading);
    if (out !== undefined) await writeFileAtomic(out, classifiedCsv(rows));
    const unsure = rows.filter((row) => row.unsure && row.note === "").length;
    const unreadable = rows.filter((row) => row.note !== "").length;
    if (out === undefined) {
      for (const row of rows.slice(0, shownRows)) {
        const { image, class: name, probability, note } = row;
        say(
          note === ""
            ? `${image}: ${name} (${(100 * probability).toFixed(0)} %${
              row.unsure ? ", unsure" : ""
            })`
            : `${image}: ${note}`,
        );
      }
      if (rows.length > shownRows) {
        say(`… ${rows.length - shownRows} more; all of them: --out FILE.csv`);
      }
    }
    const counted = [`${rows.length} images`, `${unsure} unsure`, `${unreadable} unreadable`];
    say(`${out ?? images}: ${counted.join(", ")}`);
    if (checked !== undefined) {
      const share = (100 * checked.right / checked.images).toFixed(1);
      say(`${share} % are of the class whose name their folder has`);
    }
    emit({ images: rows.length, unsure, unreadable, checked, ...out && { out } });
  },
});

async function readCostText(
  path: string,
): Promise<{ readonly path: string; readonly text: string }> {
  const text = await readText(path, {
    noun: "cost matrix",
    advice: "Check the path",
    maximumBytes: 64_000_000,
  });
  return { path, text };
}

async function fit(
  { options: { rejection, seed }, work }: {
    readonly options: { readonly rejection: number | undefined; readonly seed: number | undefined };
    readonly work: Invocation<Options>["work"];
  },
  { source, train, reading, costs }: {
    readonly source: string;
    readonly train: string;
    readonly reading: Parameters<typeof labelledFeatures>[2];
    readonly costs: { readonly path: string; readonly text: string } | undefined | "";
  },
): Promise<Head> {
  const { backbone } = await openModel(source);
  try {
    const labelled = await labelledFeatures(backbone, train, reading);
    const { classes, names } = labelled;
    return await fitHead(labelled, {
      classes,
      network: backbone.digest,
      images: `${names.length} images of ${train}`,
      seed,
      costs: costs ? parseCostMatrix(costs.text, classes, costs.path) : undefined,
      rejection: rejection ?? (costs ? undefined : usualRejection),
      onProgress: (done, total) => work({ stage: "fitting", done, total }),
    });
  } finally {
    backbone.dispose();
  }
}

/** What a new head is and how good, in lines. */
function headLines({ classes, validation, rejection }: Head, path: string): string[] {
  const { images, accuracy, interval: [low, high], calibration, deferral } = validation;
  const one = (value: number) => value.toFixed(1);
  return [
    `${path}: ${classes.length} classes`,
    `  right on held-out images: ${one(accuracy)} % [${one(low)}, ${
      one(high)
    }] of ${images}, each by a fit to ` +
    "others",
    `  calibration error: ${one(calibration[1])} % (${one(calibration[0])} % before)`,
    ...deferral === undefined ? [] : [
      `  unsure where asking a person costs less (${rejection}): ${
        one(deferral.deferred)
      } %; of the others ` +
      `${one(deferral.accuracy)} % are right`,
    ],
  ];
}
