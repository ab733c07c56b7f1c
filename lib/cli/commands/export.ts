/** `deno task export`: a student as a file for other codebases. */
import { type ExportFormat, exportFormats, exportStudent } from "../../export/export_student.ts";
import { UserError } from "../../errors/user_error.ts";
import { defineCommand, main } from "../command.ts";

/** The command, as a value. */
export const exportCommand = defineCommand({
  name: "export",
  summary:
    "Writes a student as safetensors or for torch.load. RUN is a run folder, or (but for unic) a\n" +
    "student.safetensors. Formats: safetensors (our names), dinov2 and timm (the encoder under\n" +
    "their names), unic (encoder, ladder and statistics as in the reference's checkpoints).",
  example: "deno task export runs/tiny_test --format timm --out student_timm.pth",
  positionals: ["RUN"],
  options: {
    format: { type: "text", value: "FORMAT", summary: exportFormats.join(", ") },
    out: { type: "text", value: "FILE", summary: "the file, NAME.safetensors or NAME.pth" },
  },
  run: async ({ positionals: [what = ""], options, say, emit }) => {
    const format = formatOf(options.format);
    const { out } = options;
    if (out === undefined || !/\.(safetensors|pth)$/.test(out)) {
      throw new UserError(
        `Found ${out === undefined ? "no --out" : `--out ${out}`}, expected a name that ends in ` +
          ".safetensors or .pth. See deno task export --help",
      );
    }
    const { tensors, bytes } = await exportStudent(what, { format, out });
    emit({ out, format, tensors, bytes });
    say(`${out}: ${tensors} tensors, ${(bytes / 1e6).toFixed(1)} MB`);
  },
});

function formatOf(given: string | undefined): ExportFormat {
  const format = exportFormats.find((one) => one === given);
  if (format !== undefined) return format;
  throw new UserError(
    `Found ${given === undefined ? "no --format" : `--format ${given}`}, expected one of ` +
      `${exportFormats.join(", ")}. See deno task export --help`,
  );
}

if (import.meta.main) await main(exportCommand);
