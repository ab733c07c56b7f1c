/** `head.safetensors`: a classifier beside the student whose features it reads. */
import { z } from "zod";
import { UserError } from "../errors/user_error.ts";
import { writeFileAtomic } from "../io/atomic_file.ts";
import { decodeSafetensors, encodeSafetensors } from "../weights/safetensors/safetensors.ts";
import type { Head } from "./head.ts";

const percent = z.number().min(0).max(100);
const schema = z.strictObject({
  classes: z.array(z.string()).min(2).max(100_000),
  temperature: z.number().positive(),
  costs: z.array(z.number()).optional(),
  rejection: z.number().optional(),
  validation: z.strictObject({
    images: z.int().positive(),
    accuracy: percent,
    interval: z.tuple([percent, percent]),
    calibration: z.tuple([percent, percent]),
    deferral: z.strictObject({
      deferred: percent,
      // JSON has no NaN: where all are deferred nothing is right.
      accuracy: percent.nullable().transform((value) => value ?? NaN),
    }).optional(),
  }),
  network: z.string().min(1),
  images: z.string(),
});

/** Bytes of a file at most: 100,000 classes of 4,096 numbers. */
const mostBytes = 2 ** 31;

/** Writes a head; the file is whole or absent. */
export async function writeHead(path: string, head: Head): Promise<void> {
  const { width, weight, bias, costs, ...facts } = head, classes = head.classes.length;
  const tensors = new Map([
    ["weight", { shape: [width, classes], data: weight }],
    ["bias", { shape: [classes], data: bias }],
  ]);
  const json = { ...facts, ...costs && { costs: [...costs.costs] } };
  await writeFileAtomic(path, encodeSafetensors(tensors, { head: JSON.stringify(json) }));
}

/**
 * Reads a head.
 *
 * @returns undefined where there is no such file
 * @throws {UserError} where it is something else, or its parts do not fit
 */
export async function readHead(path: string): Promise<Head | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info === undefined) return undefined;
  if (!info.isFile || info.size > mostBytes) throw notAHead(path, `${info.size} bytes`);
  const { tensors, metadata } = decodeSafetensors(await Deno.readFile(path), {
    source: `the head "${path}"`,
  });
  if (metadata.head === undefined) throw notAHead(path, "no classes in its metadata");
  const parsed = schema.safeParse(parseJson(metadata.head));
  if (!parsed.success) throw notAHead(path, z.prettifyError(parsed.error));
  const { costs, ...facts } = parsed.data, count = facts.classes.length;
  const weight = tensors.get("weight"), bias = tensors.get("bias");
  const [width = 0] = weight?.shape ?? [];
  if (
    !(weight?.data instanceof Float32Array && bias?.data instanceof Float32Array) ||
    weight.shape.join() !== `${width},${count}` || bias.shape.join() !== `${count}` ||
    !(weight.data.every(Number.isFinite) && bias.data.every(Number.isFinite)) ||
    (costs !== undefined && costs.length !== count ** 2)
  ) {
    throw notAHead(path, "weights, bias or costs that do not fit its classes");
  }
  return {
    ...facts,
    ...costs && { costs: { classes: facts.classes, costs: Float64Array.from(costs) } },
    ...{ width, weight: weight.data, bias: bias.data },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notAHead(path: string, found: string): UserError {
  return new UserError(
    `Cannot read the head "${path}": found ${found}, expected a file of deno task classify. Fit it anew ` +
      "with --train FOLDER",
  );
}
