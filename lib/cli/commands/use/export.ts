/** `export RUN`: a student as a file for other codebases, with its model card. */
import { dirname, resolve } from "node:path";
import { exportFormats, exportStudent } from "../../../export/export_student.ts";
import { UserError } from "../../../errors/user_error.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { checkOutputFile, checkOutputFolder } from "../../../io/output_path.ts";
import { cardFacts, licensedParts } from "../../../report/card/card_facts.ts";
import { licenceLine, modelCard, writeModelCard } from "../../../report/card/model_card.ts";
import { locateStudent } from "../../../runs/locate_student.ts";
import { runPaths } from "../../../runs/run_folder.ts";
import { licenceNamed, requireCommercial } from "../../../teachers/licences.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { programName } from "../../program.ts";
import { readReadoutOption } from "../../readout_option.ts";
import { today } from "../../recording.ts";
import { quoted } from "../stopped_run.ts";
import { compare, isOnnxFormat, onnxFormats, readComparison, writeOnnx } from "./onnx_export.ts";

const formats = [...exportFormats, ...onnxFormats];

/** The command, as a value. */
export const exportCommand = defineCommand({
  name: "export",
  group: "use",
  summary: "Writes a student for other programs: ONNX, safetensors, torch.load; with a model card",
  details:
    "RUN is a run folder, or (but for unic) a student.safetensors. Formats: onnx, onnx-fp16 for browsers and onnx-int8\n" +
    "for processors (a folder that transformers.js loads, kept only where ONNX Runtime computes on images of the run\n" +
    "what the student does; outputs cls, patch and, with a classifier beside the student, probabilities), safetensors (our\n" +
    "names, with student.py beside it, which runs them in PyTorch), dinov2 and timm (the encoder\n" +
    "under their names; not with a stem of convolutions), unic (encoder, ladder and statistics as\n" +
    "in the reference's checkpoints). A convolutional student goes to onnx, safetensors, or to timm where\n" +
    "timm has the network: the metadata hold the command that makes it. Heads, normalisation and\n" +
    "activation are recorded, so that dinov2:FILE, timm_vit:FILE and unic:FILE have the features\n" +
    "of RUN. Beside every export lies MODEL_CARD.md: teachers, images, scores, and the strictest licence.",
  example: "runs/tiny_test --format onnx --out exported",
  positionals: ["RUN"],
  options: {
    format: { type: "text", value: "FORMAT", summary: formats.join(", ") },
    out: {
      type: "text",
      value: "PATH",
      summary: "of onnx a folder; else a file, NAME.safetensors or NAME.pth",
    },
    preprocessing: {
      type: "flag",
      summary: "of onnx: the graph takes bytes of any size, resizes and normalises them",
    },
    check: {
      type: "text",
      value: "PATH",
      summary:
        "writes nothing: compares a folder or model.onnx that was exported before with the student",
    },
    images: {
      type: "text",
      value: "FOLDER",
      summary: "of onnx: images to compare on; default those of the run",
    },
    model: {
      type: "text",
      value: "FILE",
      summary: "of onnx: classifier, default head.safetensors in RUN, where there is one",
    },
    "data-licence": {
      type: "text",
      value: "ID",
      summary: "licence of images that state none: own, or an SPDX identifier",
    },
    "licence-must-allow": {
      type: "text",
      value: "USE",
      summary: "commercial: refuses where a teacher or images forbid it",
    },
    readout: {
      type: "text",
      value: "WAY",
      summary:
        "also keeps how the student is read out in the metadata: chosen (by evaluate), or a readout FILE",
    },
  },
  check: async ({ positionals: [source = ""], options }) => {
    const { format: name, out, images, preprocessing, model, check } = options;
    if (check !== undefined) {
      const comparison = await readComparison(source, check, options);
      return { source, comparison, plan: undefined };
    }
    const format = formats.find((format) => format === name);
    if (format === undefined) {
      throw new UsageError(
        `Found ${name === undefined ? "no --format" : `--format ${name}`}, expected one of ` +
          formats.join(", "),
      );
    }
    const isOnnx = isOnnxFormat(format);
    const stray = Object.entries({ preprocessing: preprocessing || undefined, images, model })
      .find(([, value]) => value !== undefined);
    if (!isOnnx && stray !== undefined) {
      throw new UsageError(`Found --${stray[0]} with --format ${format}, expected it with onnx`);
    }
    if (format === "onnx-int8" && preprocessing) {
      throw new UsageError(
        "Found --preprocessing with --format onnx-int8, which ONNX Runtime cannot load: expected onnx or onnx-fp16",
      );
    }
    if (isOnnx && options.readout !== undefined) {
      throw new UsageError(
        `Found --readout with --format ${format}, which gives features as they are: expected safetensors`,
      );
    }
    const use = options["licence-must-allow"];
    if (use !== undefined && use !== "commercial") {
      throw new UsageError(`Found --licence-must-allow ${use}, expected commercial`);
    }
    if (
      out === undefined ||
      (isOnnx ? /\.(onnx|safetensors|pth)$/ : /^(?!.*\.(safetensors|pth)$)/).test(out)
    ) {
      throw new UsageError(
        `Found ${out === undefined ? "no --out" : `--out ${out}`}, expected ${
          isOnnx ? "the name of a folder" : "a name that ends in .safetensors or .pth"
        }`,
      );
    }
    await (isOnnx ? checkOutputFolder(out, "--out") : checkOutputFile(out, "--out"));
    if (images !== undefined) await checkSource(images);
    const licence = options["data-licence"];
    const dataLicence = licence === undefined ? undefined : licenceNamed(licence);
    // The format unic takes a run that goes on, of which there is no student to describe yet.
    const finished = format !== "unic" ||
      await Deno.stat(runPaths(source).student).then(() => true, () => false);
    const student = finished ? await locateStudent(source) : undefined;
    if (student !== undefined && resolve(student.path) === resolve(out)) {
      throw new UsageError(`Found --out ${out}, the student itself, expected another file`);
    }
    const facts = student === undefined ? undefined : await cardFacts(source, { dataLicence });
    if (use !== undefined) {
      if (facts === undefined) {
        throw new UserError(
          `Cannot tell what the student of "${source}" is allowed for: found no finished run there, ` +
            "expected one. Finish it with deno task distill RECIPE --resume",
        );
      }
      requireCommercial(licensedParts(facts));
    }
    const readout = await readReadoutOption(options.readout ?? "as-is");
    return { source, comparison: undefined, plan: { format, out, readout, facts } };
  },
  run: async (invocation, { source, comparison, plan }) => {
    const { say, work, emit, options } = invocation;
    if (comparison !== undefined) return await compare(invocation, source, comparison);
    if (plan === undefined) return;
    const { format, out, readout, facts } = plan;
    work({ stage: `writing ${out}` });
    const files: string[] = [];
    if (isOnnxFormat(format)) {
      files.push(...await writeOnnx(invocation, { source, out, facts, format }));
    } else {
      const written = await exportStudent(source, { format, out, readout });
      const { tensors, bytes, program } = written;
      emit({ out, format, tensors, bytes, program });
      say(`${out}: ${tensors} tensors, ${(bytes / 1e6).toFixed(1)} MB`);
      files.push(`- \`${baseOf(out)}\`: the weights in the format ${format}`);
      if (program !== undefined) {
        say(`${program}: runs it in PyTorch, without this package`);
        files.push(`- \`${baseOf(program)}\`: runs it in PyTorch, without another package`);
      }
    }
    if (facts === undefined) return say("No model card: the run is not finished");
    const card = modelCard(facts, {
      command: commandOf(source, options),
      date: today(),
      files,
    });
    const folder = isOnnxFormat(format) ? out : dirname(out);
    say(`${await writeModelCard(folder, card)}: licence ${licenceLine(facts)}`);
  },
});

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The command line of an export. */
function commandOf(source: string, options: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : typeof value === "string" ? [`--${name} ${quoted(value)}`] : []
  );
  return [programName(), "export", quoted(source), ...given].join(" ");
}
