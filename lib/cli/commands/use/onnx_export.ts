/** The ONNX side of `export`: writes a folder, or compares a file that was written before. */
import { checkOnnx, exportOnnx } from "../../../export/onnx/export_onnx.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { headOf } from "../../../inference/open_student.ts";
import { type CardFacts, cardFacts, imagePaths } from "../../../report/card/card_facts.ts";
import { licenceLine } from "../../../report/card/model_card.ts";
import { type Invocation, type Options, UsageError } from "../../command.ts";
import { version } from "../../program.ts";

/** Formats whose export is a folder. */
export const onnxFormats = ["onnx", "onnx-fp16", "onnx-int8"] as const;

const precisions = { onnx: "float32", "onnx-fp16": "float16", "onnx-int8": "int8" } as const;

/** Whether a format is one of {@linkcode onnxFormats}. */
export function isOnnxFormat(format: string): format is typeof onnxFormats[number] {
  return (onnxFormats as readonly string[]).includes(format);
}

/** A file to compare with a student, and the images to do it on. */
export interface OnnxComparison {
  readonly path: string;
  readonly images: readonly string[];
}

/**
 * Looks at the file and the images of `--check`.
 *
 * @throws {UserError} where they are not there, or another option stands beside it
 */
export async function readComparison(
  source: string,
  path: string,
  { format, out, images }: {
    readonly format: string | undefined;
    readonly out: string | undefined;
    readonly images: string | undefined;
  },
): Promise<OnnxComparison> {
  const stray = Object.entries({ format, out }).find(([, value]) => value !== undefined)?.[0];
  if (stray !== undefined) {
    throw new UsageError(
      `Found --${stray} beside --check, which writes nothing: expected one of them`,
    );
  }
  const file = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false)
    ? `${path}/onnx/model.onnx`
    : path;
  if (!await Deno.stat(file).then(({ isFile }) => isFile, () => false)) {
    throw new UsageError(
      `Found no file "${file}", expected the folder of an earlier export, or a model.onnx of one`,
    );
  }
  const facts = await cardFacts(source);
  if (images !== undefined) await checkSource(images);
  return { path: file, images: images === undefined ? imagePaths(facts) : [images] };
}

/** Compares, and says how far the file is from the student. */
export async function compare(
  { say, emit }: Pick<Invocation<Options>, "say" | "emit">,
  source: string,
  { path, images }: OnnxComparison,
): Promise<void> {
  const { difference, ofWhat, images: count } = await checkOnnx(source, path, images);
  emit({ path, difference, images: count });
  say(
    `${path}: on ${count} images it differs from the student by ${
      difference.toExponential(1)
    } ${ofWhat}`,
  );
}

/** Writes the folder, and says how the files in it are used. */
export async function writeOnnx(
  { options: { preprocessing, images, model }, say, emit }: {
    readonly options: {
      readonly preprocessing: boolean;
      readonly images: string | undefined;
      readonly model: string | undefined;
    };
    readonly say: Invocation<Options>["say"];
    readonly emit: Invocation<Options>["emit"];
  },
  { source, out, facts, format }: {
    readonly source: string;
    readonly out: string;
    readonly facts: CardFacts | undefined;
    readonly format: typeof onnxFormats[number];
  },
): Promise<string[]> {
  const head = facts && await headOf(source, facts, model);
  const written = await exportOnnx(source, {
    ...{ out, preprocessing, version },
    precision: precisions[format],
    head: head && { ...head, count: head.classes.length },
    images: images === undefined ? imagePaths(facts) : [images],
    metadata: metadataOf(facts),
  });
  const { difference, bytes, ofWhat } = written;
  say(
    `${written.path}: ${
      (bytes / 1e6).toFixed(1)
    } MB; on ${written.images} images ONNX Runtime differs from the ` +
      `student by ${difference.toExponential(1)} ${ofWhat}`,
  );
  const classes = head?.classes;
  if (classes !== undefined) say(`  with the probabilities of ${classes.length} classes`);
  emit({ out, format, ...written, classes });
  return [
    `- \`${written.path.slice(out.length + 1)}\`: ONNX (opset 18), ${
      preprocessing
        ? "`images` [batch, height, width, 3] uint8"
        : "`pixel_values` [batch, 3, size, size]"
    } to \`cls\`, \`patch\`${
      classes === undefined ? "" : ", `probabilities`"
    }; it differs from the student by ${difference.toExponential(1)} ${ofWhat}`,
    "- `config.json`, `preprocessor_config.json`: by which transformers.js loads this folder",
  ];
}

/** What the file keeps of where it comes from. */
export function metadataOf(facts: CardFacts | undefined): Record<string, string> {
  if (facts === undefined) return {};
  const { name, teachers, recipeDigest } = facts;
  return {
    name,
    teachers: JSON.stringify(
      teachers.map(({ name, digest, licence: { id } }) => ({ name, digest, licence: id })),
    ),
    licence: licenceLine(facts),
    ...recipeDigest !== undefined && { recipe: recipeDigest },
  };
}
