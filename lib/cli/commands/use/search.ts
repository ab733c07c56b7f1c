/** `search RUN`: nearest images of a folder, and images that are almost the same. */
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { openStudent } from "../../../inference/open_student.ts";
import { searchFolder } from "../../../inference/search_folder.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { csvTable } from "../../../io/csv.ts";
import { checkOutputFile } from "../../../io/output_path.ts";
import { searchPage } from "../../../report/search/search_page.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions, showReading } from "../../decode_options.ts";

/** Pairs that are shown. */
const shownPairs = 20;

/** The command, as a value. */
export const search = defineCommand({
  name: "search",
  group: "use",
  summary: "Finds the nearest images of a folder, and images that are almost the same",
  details:
    "The page shows a row of pictures for each image: itself, then its nearest of the index. Images of the\n" +
    "index that are almost the same are listed. Similarity is the cosine between features, of which the mean\n" +
    "of the index is taken off: 1 is the same, 0 is no more alike than any two.",
  example: "runs/photos --index photos --images new --out similar.html",
  positionals: ["RUN"],
  options: {
    index: { type: "text", value: "FOLDER", summary: "images that are searched" },
    images: {
      type: "text",
      value: "FOLDER",
      summary: "images to find similar ones of; default: those of the index",
    },
    count: { type: "number", value: "N", summary: "neighbours of each, default 5" },
    duplicates: {
      type: "number",
      value: "SIMILARITY",
      summary: "from which on two images are almost the same, default 0.95",
    },
    out: { type: "text", value: "FILE", summary: "page, NAME.html, or table, NAME.csv" },
    ...decodeOptions,
  },
  check: async ({ positionals: [source = ""], options }) => {
    const { index, images = index, count = 5, duplicates = 0.95, out } = options;
    if (index === undefined || images === undefined) {
      throw new UsageError("Found no --index, expected the folder that is searched");
    }
    if (!Number.isSafeInteger(count) || count < 1 || count > 100) {
      throw new UsageError(`Found --count ${count}, expected a whole number from 1 to 100`);
    }
    if (!(duplicates > 0 && duplicates <= 1)) {
      throw new UsageError(
        `Found --duplicates ${duplicates}, expected a similarity above 0, at most 1`,
      );
    }
    if (out === undefined || !/\.(html|csv)$/.test(out)) {
      throw new UsageError(
        `Found ${
          out === undefined ? "no --out" : `--out ${out}`
        }, expected a name that ends in .html or .csv`,
      );
    }
    const decoding = readDecodeOptions(options);
    await checkEvaluation({ models: [{ source }], tasks: [] });
    for (const path of new Set([index, images])) await checkSource(path);
    await checkOutputFile(out, "--out");
    return { source, out, decoding, request: { index, images, count, duplicatesFrom: duplicates } };
  },
  run: async ({ say, emit, progress, work }, { source, out, decoding, request }) => {
    using student = await openStudent(source);
    const result = await searchFolder(student, request, {
      ...decoding,
      ...showReading({ progress, work }),
    });
    const { index, images, neighbours, duplicates } = result;
    if (out.endsWith(".csv")) {
      const rows = neighbours.flatMap((near, i) =>
        near.map(({ image, similarity }, place) => [
          ...[images[i]!, String(place + 1), index[image]!, similarity.toFixed(4)],
        ])
      );
      await writeFileAtomic(out, csvTable(["image", "place", "neighbour", "similarity"], rows));
    } else {
      const page = await searchPage(result, {
        ...{ ...request, model: student.name },
        onProgress: (done, total) => work({ stage: "pictures", done, total, unit: "images" }),
      });
      await writeFileAtomic(out, page);
    }
    for (const { images: [a, b], similarity } of duplicates.slice(0, shownPairs)) {
      say(`almost the same (${similarity.toFixed(3)}): ${index[a]} and ${index[b]}`);
    }
    const more = duplicates.length - shownPairs;
    if (more > 0) say(`… and ${more} more pairs`);
    say(
      `${out}: ${images.length} images, their nearest of ${index.length}; ${duplicates.length} pairs almost the same`,
    );
    emit({
      out,
      images: images.length,
      index: index.length,
      duplicates: duplicates.map(({ images: [a, b], similarity }) => ({
        images: [index[a], index[b]],
        similarity,
      })),
    });
  },
});
