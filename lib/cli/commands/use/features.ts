/** `features MODEL`: a frozen network's features of a folder of images, as a file. */
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { checkOutputFile } from "../../../io/output_path.ts";
import type { ModelSpec } from "../../../evaluation/models/open_model.ts";
import { openReadOut } from "../../../evaluation/readout/read_model.ts";
import { duration } from "../../../io/duration.ts";
import { readShard } from "../../../io/shard.ts";
import { writeFeatures } from "../../../evaluation/features/write.ts";
import { startEngine } from "../../../engine/backend.ts";
import { checkpointOptions, checkpointSpecs } from "../../checkpoint_options.ts";
import { readReadoutOption } from "../../readout_option.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions } from "../../decode_options.ts";

/** The command, as a value. */
export const features = defineCommand({
  name: "features",
  group: "use",
  summary: "Writes frozen features of images, as safetensors",
  details:
    "The file holds cls [images, width] and patch [images, tokens, width], and in its metadata the\n" +
    "names of the images.\n" +
    "MODEL is a run folder, a student.safetensors, a teacher (or TEACHER@SIZE) or a checkpoint,\n" +
    "FAMILY:FILE (or FAMILY:FILE@SIZE), such as dino:my.pth; see docs/teachers.md.",
  example: "specialist_digits --images data/images/digits.zip --out digits.safetensors",
  positionals: ["MODEL"],
  interrupt: "signal",
  options: {
    images: { type: "text", value: "FOLDER", summary: "folder or zip of image files" },
    out: { type: "text", value: "FILE", summary: "the file, NAME.safetensors" },
    ...checkpointOptions,
    readout: {
      type: "text",
      value: "WAY",
      summary:
        "as-is; chosen: by the readout that evaluate chose for this student; or a readout FILE",
    },
    batch: { type: "number", value: "N", summary: "images at a time, default 32" },
    shard: {
      type: "text",
      value: "PART/PARTS",
      summary: "only so much of the images, such as 3/16; the last part makes the file of all",
    },
    ...decodeOptions,
  },
  check: async ({ positionals: [model = ""], options }) => {
    const images = required("images", options.images);
    const out = required("out", options.out);
    if (!out.endsWith(".safetensors")) {
      throw new UsageError(`Found --out ${out}, expected a name that ends in .safetensors`);
    }
    const decoding = readDecodeOptions(options);
    const { batch = 32 } = options;
    if (!Number.isSafeInteger(batch) || batch < 1) {
      throw new UsageError(`Found --batch ${batch}, expected a whole number of at least 1`);
    }
    const [{ source, ...spec }] = checkpointSpecs([model], options) as [ModelSpec];
    await checkEvaluation({ models: [{ source, ...spec }], tasks: [] });
    const readout = options.readout === undefined
      ? undefined
      : await readReadoutOption(options.readout);
    await checkSource(images);
    await checkOutputFile(out, "--out");
    const shard = options.shard === undefined ? undefined : readShard(options.shard);
    return { images, out, source, spec, decoding, readout, shard };
  },
  run: async (
    { options, signal, say, progress, work, emit },
    { images, out, source, spec, decoding, readout = "as_is", shard },
  ) => {
    await startEngine();
    const backbone = await openReadOut({ source, ...spec }, readout);
    for (const note of backbone.notes ?? []) progress(note);
    try {
      const written = await writeFeatures(backbone, {
        ...decoding,
        images,
        out,
        shard,
        signal,
        onNote: progress,
        onProgress: (done, total) =>
          work({ stage: `features of ${backbone.name}`, done, total, unit: "images" }),
        batchSize: options.batch,
      });
      emit(written);
      const { width, tokens, seconds } = written;
      say(
        `${written.out}: ${written.images} images, width ${width}, ${tokens} patch tokens each, ` +
          `in ${duration(seconds)}`,
      );
    } finally {
      backbone.dispose();
    }
  },
});

function required(name: "images" | "out", value: string | undefined): string {
  if (value !== undefined) return value;
  throw new UsageError(`Found no --${name}, expected --images FOLDER and --out FILE.safetensors`);
}
