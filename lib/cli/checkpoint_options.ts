/** The options of commands that open checkpoints, `FAMILY:FILE`: the same in each. */
import type { ModelSpec } from "../evaluation/models/open_model.ts";
import { type CheckpointReading, checkpointReadingShape } from "../teachers/checkpoint_reading.ts";
import { parseModelName } from "../teachers/model_name.ts";
import { type OptionValues, UsageError } from "./command.ts";

/** Options of a command that opens models. */
export const checkpointOptions = {
  key: {
    type: "text",
    value: "KEY",
    summary: "of FAMILY:FILE: dictionary or prefix of the network, where the file holds several",
  },
  heads: {
    type: "number",
    value: "N",
    summary: "of FAMILY:FILE: attention heads, default one for every 64 of the width",
  },
  activation: {
    type: "text",
    value: "NAME",
    summary: "of FAMILY:FILE: gelu or quick_gelu, default the family's",
  },
  mean: {
    type: "text",
    value: "R,G,B",
    summary: "of FAMILY:FILE: mean of its images in [0, 1], default the family's",
  },
  std: {
    type: "text",
    value: "R,G,B",
    summary: "of FAMILY:FILE: deviation of its images, default the family's",
  },
} as const;

/**
 * The models of these names, the options being given to each that is a checkpoint.
 *
 * @throws {UsageError} Where an option has a wrong value, or there is no checkpoint for it.
 */
export function checkpointSpecs(
  sources: readonly string[],
  options: OptionValues<typeof checkpointOptions>,
): ModelSpec[] {
  const reading = readingOf(options), [given] = Object.keys(reading);
  const isCheckpoint = (source: string) => parseModelName(source).kind === "checkpoint";
  if (given !== undefined && !sources.some(isCheckpoint)) {
    throw new UsageError(
      `Found --${given} without a checkpoint, expected a model FAMILY:FILE, such as dino:my.pth`,
    );
  }
  return sources.map((source) => isCheckpoint(source) ? { source, ...reading } : { source });
}

/** The options that were given, each checked. */
function readingOf(
  { key, heads, activation, mean, std }: OptionValues<typeof checkpointOptions>,
): CheckpointReading {
  const values = { key, heads, activation, mean: channels(mean), std: channels(std) };
  const texts = { key, heads, activation, mean, std };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => {
    const option = name as keyof CheckpointReading;
    const parsed = checkpointReadingShape[option].safeParse(value);
    if (parsed.success) return [option, parsed.data];
    throw new UsageError(`Found --${name} ${texts[option]}, expected ${expected[option]}`);
  }));
}

const colours = "three numbers joined by commas, of red, green and blue";
const expected: { readonly [Name in keyof Required<CheckpointReading>]: string } = {
  key: "the name of a dictionary in the file, or a prefix of names",
  heads: "a whole number of at least 1",
  activation: "gelu or quick_gelu",
  mean: `${colours} in [0, 1], such as 0.5,0.5,0.5 (divide those of 0 to 255 by 255)`,
  std: `${colours} above 0 and at most 1, such as 0.5,0.5,0.5 (divide those of 0 to 255 by 255)`,
};

function channels(text: string | undefined): readonly number[] | undefined {
  return text?.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
}
