/** `compress RUN`: a student that is pruned, distilled again and exported by fewer bits. */
import {
  type Bits,
  checkCompression,
  compressRun,
  precisions,
} from "../../../compression/compress_run.ts";
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { locateTask } from "../../../evaluation/tasks/open_task.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { checkOutputFolder, checkOutside } from "../../../io/output_path.ts";
import { loadRecipe } from "../../../recipe/load.ts";
import { cardFacts, imagePaths } from "../../../report/card/card_facts.ts";
import { modelCard, writeModelCard } from "../../../report/card/model_card.ts";
import { curvePage } from "../../../report/compression/curve_page.ts";
import { curveText } from "../../../report/compression/curve_table.ts";
import { recordCompression } from "../../../report/records/compression_record.ts";
import { checkRunFolder, runPaths } from "../../../runs/run_folder.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { programName, version } from "../../program.ts";
import { machine, processorName, resultsFolder, today } from "../../recording.ts";
import { distillWithProgress } from "../run_recipe.ts";
import { quoted } from "../stopped_run.ts";
import { metadataOf } from "./onnx_export.ts";

/** The command, as a value. */
export const compress = defineCommand({
  name: "compress",
  group: "use",
  summary: "Makes a student smaller and faster: prunes, distils again, exports by fewer bits",
  details:
    "Prunes shares of heads and hidden channels; what stays takes over what it can, in closed form, on unlabelled\n" +
    "images of the run. --recover distils each pruned student again, from the student before pruning.\n" +
    "Every student is exported as ONNX with each of --bits (32; 16 for browsers; 8 for processors), held against its\n" +
    "network, and measured: k-NN accuracy against milliseconds and MB, with the Pareto front. The folder holds\n" +
    "curve.html, curve.json, the files, and the runs. What is there is not made again, so a stopped command goes on.",
  example: "runs/photos --prune 0.25,0.5 --bits 8,16 --out compressed",
  positionals: ["RUN"],
  interrupt: "signal",
  options: {
    prune: {
      type: "list",
      value: "SHARE",
      summary: "shares of heads, and of what hidden channels compute, to prune; default 0.25,0.5",
    },
    bits: { type: "list", value: "N", summary: "bits of a weight: 32, 16, 8; default all" },
    recover: {
      type: "number",
      value: "MINUTES",
      summary: "distils each pruned student again for so long; default: none is",
    },
    out: { type: "text", value: "FOLDER", summary: "folder that is written" },
    images: {
      type: "list",
      value: "FOLDER",
      summary: "unlabelled images to prune and to check on; default those of the run",
    },
    count: {
      type: "number",
      value: "N",
      summary: "how many of them pruning looks at, default 4096 of 96 px, fewer of larger ones",
    },
    evaluate: {
      type: "list",
      value: "SET",
      summary: "tasks to measure on; default: those of the run's recipe",
    },
    limit: {
      type: "number",
      value: "N",
      summary: "at most N train and N test images of each task",
    },
    record: {
      type: "text",
      value: "COMMAND",
      summary: "also keeps the curve in data/results, as measured by this command",
    },
  },
  check: async ({ positionals: [given = ""], options }) => {
    const run = given.replace(/(?<=.)[/\\]+$/, "");
    const { out, recover, limit, count, record } = options;
    if (out === undefined) {
      throw new UsageError("Found no --out, expected the folder that is written");
    }
    const shares = options.prune.length === 0 ? [0.25, 0.5] : options.prune.map(shareOf);
    const bits = options.bits.length === 0 ? [32, 16, 8] as const : options.bits.map(bitsOf);
    checkDifferent("--prune", shares);
    checkDifferent("--bits", bits);
    if (recover !== undefined && !(recover > 0 && Number.isFinite(recover))) {
      throw new UsageError(`Found --recover ${recover}, expected minutes above 0`);
    }
    for (const [name, value] of Object.entries({ limit, count })) {
      if (value === undefined || Number.isSafeInteger(value) && value > 0) continue;
      throw new UsageError(`Found --${name} ${value}, expected a whole number of at least 1`);
    }
    await checkCompression(run, shares);
    const recipe = await loadRecipe(runPaths(run).recipe);
    const tasks = options.evaluate.length > 0 ? options.evaluate : recipe.evaluation.tasks;
    await checkEvaluation({ tasks });
    const kinds = await Promise.all(tasks.map(locateTask));
    if (!kinds.includes("classification")) {
      throw new UsageError(
        `Found ${
          tasks.join(", ") || "no tasks"
        } to measure on, expected at least one whose images have one class ` +
          "each: name it by --evaluate, such as --evaluate digits",
      );
    }
    for (const path of options.images) await checkSource(path);
    const facts = await cardFacts(run);
    const images = options.images.length > 0 ? options.images : imagePaths(facts);
    if (images.length === 0) {
      throw new UsageError(
        "Found no folder or zip among the run's images, expected unlabelled ones: name them by --images",
      );
    }
    await checkOutputFolder(out, "--out");
    await checkOutside({ path: out, option: "--out" }, [...images, run]);
    if (record !== undefined) await checkOutputFolder(resultsFolder(), "--record");
    return { run, out: out.replace(/(?<=.)[/\\]+$/, ""), shares, bits, tasks, images, facts };
  },
  run: async ({ options, say, emit, progress, work, line, signal }, checked) => {
    const { recover, limit, count, record } = options, { run, facts, ...others } = checked;
    const curve = await compressRun(run, {
      ...{ ...others, recover, limit, count, version, metadata: metadataOf(facts) },
      machine: `${processorName()}, ${machine()}`,
      date: today(),
      onNote: progress,
      onWork: work,
      distil: async (recipe, folder) => {
        const { finished } = await checkRunFolder(folder, recipe, { resume: true });
        if (finished) return true;
        progress(`distilling ${recipe.name} for ${recover} minutes`);
        const summary = await distillWithProgress(recipe, { folder, resume: true, signal, line });
        return summary.finished;
      },
    });
    if (curve === undefined) {
      progress("stopped; the same command goes on");
      return 130;
    }
    await writeFileAtomic(`${others.out}/curve.html`, await curvePage(curve));
    const files = curve.points.map(({ path, bits }) => `- \`${path}\`: ONNX of ${bits} bits`);
    const command = `${programName()} compress ${quoted(run)} --out ${quoted(others.out)}`;
    await writeModelCard(others.out, modelCard(facts, { command, date: curve.date, files }));
    if (record !== undefined) {
      await recordCompression(curve, resultsFolder(), record);
    }
    emit(curve);
    say(curveText(curve));
    progress(`results: ${others.out}/curve.html, ${others.out}/curve.json`);
  },
});

function shareOf(text: string): number {
  const share = Number(text);
  if (text.trim() !== "" && share > 0 && share < 1) return share;
  throw new UsageError(
    `Found --prune ${text}, expected shares above 0 and below 1, such as 0.25,0.5`,
  );
}

function bitsOf(text: string): Bits {
  const bits = (Object.keys(precisions).map(Number) as Bits[]).find((one) => `${one}` === text);
  if (bits !== undefined) return bits;
  throw new UsageError(`Found --bits ${text}, expected 32, 16 or 8: no other has a format`);
}

function checkDifferent(option: string, values: readonly number[]): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice === undefined) return;
  throw new UsageError(`Found ${option} ${twice} twice, expected each once`);
}
