/** `drift RUN`: whether new images differ from those that the run is used on, and whether that harms it. */
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import {
  checkDriftFolders,
  driftOfFolders,
  type DriftRequest,
} from "../../../inference/drift/drift_of_folders.ts";
import { openStudent } from "../../../inference/open_student.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { checkOutputFolder, checkOutside } from "../../../io/output_path.ts";
import { leastDriftImages } from "../../../metrics/drift/detect_drift.ts";
import { driftPage } from "../../../report/drift/drift_page.ts";
import { driftRecord } from "../../../report/drift/drift_record.ts";
import { driftText } from "../../../report/drift/drift_text.ts";
import { plotlyScript } from "../../../report/figures/plotly_script.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions, showReading } from "../../decode_options.ts";

/** Exit status where there is a drift: neither that of success nor that of an error. */
const driftStatus = 3;

/** The command, as a value. */
export const drift = defineCommand({
  name: "drift",
  group: "use",
  summary: "Tests whether images differ from a reference, and whether that harms a student",
  details:
    "Three tests of features: distributions along principal axes (Kolmogorov-Smirnov, corrected), the maximum\n" +
    "mean discrepancy, and a classifier of both, whose top images are shown. Harm, without labels: how far the\n" +
    "student is from its teachers on these images, against how far these are from one another; give a reference\n" +
    "that the student was not trained on.\n\n" +
    `Exit status: 0 no drift, ${driftStatus} drift, 1 and 2 errors. No terminal is needed: with --json one line\n` +
    "goes to standard output, for cron. See docs/drift.md.",
  example: "runs/photos --reference photos_before --images photos_today --out drift_today",
  positionals: ["RUN"],
  options: {
    reference: { type: "text", value: "FOLDER", summary: "images as they should be" },
    images: { type: "text", value: "FOLDER", summary: "images in question" },
    level: {
      type: "number",
      value: "P",
      summary: "probability of an alarm without drift, default 0.05",
    },
    limit: {
      type: "number",
      value: "N",
      summary: "most images of each folder, drawn by the seed; default 1000",
    },
    harm: {
      type: "number",
      value: "N",
      summary: "images of each folder that the teachers are asked about, default 200; 0: none",
    },
    seed: { type: "number", value: "N", summary: "of all draws, default 0" },
    out: { type: "text", value: "FOLDER", summary: "place for drift.json and drift.html" },
    ...decodeOptions,
  },
  check: async ({ positionals: [source = ""], options }) => {
    const { reference, images, level = 0.05, limit = 1000, harm = 200, seed = 0, out } = options;
    if (reference === undefined || images === undefined) {
      throw new UsageError(
        `Found no --${
          reference === undefined ? "reference" : "images"
        }, expected --reference FOLDER and --images FOLDER`,
      );
    }
    if (!(level >= 0.006 && level < 1)) {
      throw new UsageError(`Found --level ${level}, expected a number from 0.006 to below 1`);
    }
    const whole: [name: string, value: number, least: number, most: number][] = [
      ["limit", limit, leastDriftImages, 4000],
      ["harm", harm, 0, 100_000],
      ["seed", seed, 0, 0xffffffff],
    ];
    for (const [name, value, least, most] of whole) {
      const rightly = Number.isSafeInteger(value) && value >= least && value <= most;
      if (rightly && !(name === "harm" && value > 0 && value < leastDriftImages)) continue;
      throw new UsageError(
        `Found --${name} ${value}, expected a whole number from ${
          name === "harm" ? `${leastDriftImages}, or 0` : `${least} to ${most}`
        }`,
      );
    }
    const request: DriftRequest = { reference, images, level, limit, harm, seed };
    const decoding = readDecodeOptions(options);
    await checkEvaluation({ models: [{ source }], tasks: [] });
    await checkDriftFolders(request);
    if (out !== undefined) {
      await checkOutputFolder(out, "--out");
      await checkOutside({ path: out, option: "--out" }, [reference, images]);
    }
    return { source, out, decoding, request };
  },
  run: async ({ say, emit, progress, work }, { source, out, decoding, request }) => {
    const begun = performance.now();
    using student = await openStudent(source);
    const result = await driftOfFolders(student, source, request, {
      ...decoding,
      ...showReading({ progress, work }),
    });
    const seconds = (performance.now() - begun) / 1000;
    const record = driftRecord(result, request, { model: student.name, seconds });
    if (out !== undefined) {
      const page = await driftPage(result, record, {
        plotly: await plotlyScript(),
        onProgress: (done, total) => work({ stage: "pictures", done, total, unit: "images" }),
      });
      await Deno.mkdir(out, { recursive: true });
      await writeFileAtomic(`${out}/drift.html`, page);
      await writeFileAtomic(`${out}/drift.json`, JSON.stringify(record, null, 2) + "\n");
    }
    say(driftText(record));
    if (out !== undefined) say(`${out}/drift.html`);
    emit(record);
    return record.drift ? driftStatus : 0;
  },
});
