/** `page RUN`: a static page that runs a student in any browser. */
import { checkSource } from "../../../images/sources/check_source.ts";
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { openStudent } from "../../../inference/open_student.ts";
import { checkOutputFolder } from "../../../io/output_path.ts";
import { buildPage } from "../../../export/page/build_page.ts";
import { cardFacts, imagePaths } from "../../../report/card/card_facts.ts";
import { licenceLine, modelCard, writeModelCard } from "../../../report/card/model_card.ts";
import { licenceNamed } from "../../../teachers/licences.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { programName, version } from "../../program.ts";
import { today } from "../../recording.ts";
import { quoted } from "../stopped_run.ts";

/** The command, as a value. */
export const page = defineCommand({
  name: "page",
  group: "use",
  summary: "Writes a static page that runs a student in any browser: no server, no network",
  details:
    "Drop or paste a photo and see the nearest pictures, the class (where there is a classifier, deno task\n" +
    "classify), its patches as colours, and the milliseconds. The folder holds the student as ONNX, ONNX Runtime\n" +
    "for WebAssembly and WebGPU, and pictures of --images, which whoever opens the page can see. Any server of files\n" +
    "serves it; threads are used where it sends Cross-Origin-Opener-Policy: same-origin and\n" +
    "Cross-Origin-Embedder-Policy: require-corp.",
  example: "runs/photos --out page",
  positionals: ["RUN"],
  options: {
    out: { type: "text", value: "FOLDER", summary: "folder that is written" },
    images: {
      type: "list",
      value: "FOLDER",
      summary: "pictures to try and to search in; default those of the run",
    },
    count: { type: "number", value: "N", summary: "pictures at most, default 60" },
    half: {
      type: "flag",
      summary: "weights as halves: half the download, features within a hundredth",
    },
    model: { type: "text", value: "FILE", summary: "classifier, default head.safetensors in RUN" },
    "data-licence": {
      type: "text",
      value: "ID",
      summary: "licence of images that state none: own, or an SPDX identifier",
    },
  },
  check: async ({ positionals: [source = ""], options }) => {
    const { out, images, count = 60 } = options;
    if (out === undefined) {
      throw new UsageError("Found no --out, expected the folder that is written");
    }
    if (!Number.isSafeInteger(count) || count < 1 || count > 1000) {
      throw new UsageError(`Found --count ${count}, expected a whole number from 1 to 1000`);
    }
    const licence = options["data-licence"];
    const dataLicence = licence === undefined ? undefined : licenceNamed(licence);
    await checkEvaluation({ models: [{ source }], tasks: [] });
    for (const path of images) await checkSource(path);
    await checkOutputFolder(out, "--out");
    const facts = await cardFacts(source, { dataLicence });
    return { source, out, count, facts, pictures: images.length > 0 ? images : imagePaths(facts) };
  },
  run: async (
    { options: { half, model }, say, work, emit },
    { source, out, count, facts, pictures },
  ) => {
    using student = await openStudent(source, { ...model !== undefined && { head: model } });
    const licence = licenceLine(facts);
    const built = await buildPage(source, {
      ...{ student, out, count, half, licence, version, images: pictures },
      head: student.head,
      onProgress: (done, total) => work({ stage: "pictures", done, total, unit: "images" }),
    });
    const command = `${programName()} page ${quoted(source)} --out ${quoted(out)}`;
    const files = [
      "- `index.html`: the page; any server of files serves it",
      "- `model.onnx`: the student",
    ];
    await writeModelCard(out, modelCard(facts, { command, date: today(), files }));
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
    say(
      `${out}/index.html: ${built.files} files, ${megabytes(built.bytes)}; a browser loads ${
        megabytes(built.loaded)
      } before the first result`,
    );
    say(`  licence: ${licence}`);
    say(
      `  look at it: python3 -m http.server --directory ${
        quoted(out)
      } 8000, then http://localhost:8000`,
    );
    emit({ out, ...built });
  },
});
