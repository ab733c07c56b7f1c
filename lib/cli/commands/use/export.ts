/** `export RUN`: a student as a file for other codebases. */
import { type ExportFormat, exportFormats, exportStudent } from "../../../export/export_student.ts";
import { resolve } from "node:path";
import { checkOutputFile } from "../../../io/output_path.ts";
import { locateStudent } from "../../../runs/locate_student.ts";
import { readReadoutOption } from "../../readout_option.ts";
import { defineCommand, UsageError } from "../../command.ts";

/** The command, as a value. */
export const exportCommand = defineCommand({
  name: "export",
  group: "use",
  summary: "Writes a student as safetensors or for torch.load, under the names of other codebases",
  details:
    "RUN is a run folder, or (but for unic) a student.safetensors. Formats: safetensors (our\n" +
    "names, with student.py beside it, which runs them in PyTorch), dinov2 and timm (the encoder\n" +
    "under their names; not with a stem of convolutions), unic (encoder, ladder and statistics as\n" +
    "in the reference's checkpoints). A convolutional student goes to safetensors, or to timm where\n" +
    "timm has the network: the metadata hold the command that makes it. Heads, normalisation and\n" +
    "activation are recorded, so that dinov2:FILE, timm_vit:FILE and unic:FILE have the features\n" +
    "of RUN.",
  example: "runs/tiny_test --format timm --out student_timm.pth",
  positionals: ["RUN"],
  options: {
    format: { type: "text", value: "FORMAT", summary: exportFormats.join(", ") },
    out: { type: "text", value: "FILE", summary: "the file, NAME.safetensors or NAME.pth" },
    readout: {
      type: "text",
      value: "WAY",
      summary:
        "also keeps how the student is read out in the metadata: chosen (by evaluate), or a readout FILE",
    },
  },
  check: async ({ positionals: [source = ""], options }) => {
    const format = formatOf(options.format);
    const { out } = options;
    if (out === undefined || !/\.(safetensors|pth)$/.test(out)) {
      throw new UsageError(
        `Found ${out === undefined ? "no --out" : `--out ${out}`}, expected a name that ends in ` +
          ".safetensors or .pth",
      );
    }
    await checkOutputFile(out, "--out");
    const student = format === "unic" ? undefined : await locateStudent(source);
    if (student !== undefined && resolve(student.path) === resolve(out)) {
      throw new UsageError(`Found --out ${out}, the student itself, expected another file`);
    }
    const readout = await readReadoutOption(options.readout ?? "as-is");
    return { source, format, out, readout };
  },
  run: async ({ say, work, emit }, { source, format, out, readout }) => {
    work({ stage: `writing ${out}` });
    const { tensors, bytes, program } = await exportStudent(source, { format, out, readout });
    emit({ out, format, tensors, bytes, program });
    say(`${out}: ${tensors} tensors, ${(bytes / 1e6).toFixed(1)} MB`);
    if (program !== undefined) say(`${program}: runs it in PyTorch, without this package`);
  },
});

function formatOf(name: string | undefined): ExportFormat {
  const format = exportFormats.find((format) => format === name);
  if (format !== undefined) return format;
  throw new UsageError(
    `Found ${name === undefined ? "no --format" : `--format ${name}`}, expected one of ` +
      exportFormats.join(", "),
  );
}
