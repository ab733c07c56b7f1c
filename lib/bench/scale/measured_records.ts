/** What the records of machines say of steps that were measured, for comparing them with what is reckoned. */
import { z } from "zod";
import { UserError } from "../../errors/user_error.ts";
import { readTextIfThere } from "../../io/text_file.ts";
import { paperSetting } from "../paper_size/bench_paper.ts";

const number = z.number();
const machine = z.object({ cpu: z.string(), cores: number });

const schemas = {
  bench_step: z.object({
    setting: z.object({ batch: number, teachers: number }).catchall(number),
    gflopPerStep: number,
    gemmGflops: number,
    fractionOfGemm: number,
    machine,
  }),
  bench_memory: z.object({
    setting: z.object({ batch: number, teachers: number }).catchall(number),
    ways: z.array(
      z.object({
        name: z.string(),
        parameters: number,
        before: number,
        peak: number,
        seconds: number,
      }),
    ),
  }),
  bench_processes: z.object({
    setting: z.object({
      ...{ width: number, depth: number, batch: number, steps: number },
      ...{ processes: number, numbers: number },
    }),
    rows: z.array(z.object({ processes: number, secondsPerStep: number })),
    sumMilliseconds: number,
    load: number,
  }),
  bench_paper: z.object({
    // Absent from records that are older than other sizes.
    setting: z.object({ width: number, imageSize: number }).default(paperSetting),
    first: z.object({ seconds: z.array(number), stepBytes: number, peakBytes: number }),
    batch: number,
    parts: number,
    machine: z.object({ load: z.tuple([number, number]) }),
  }),
} as const;

/** Records by name; those that a machine does not have are absent. */
export type MeasuredRecords = {
  readonly [name in keyof typeof schemas]?: z.infer<(typeof schemas)[name]>;
};

/**
 * Reads the records of all machines, in the order of their names; none where there is no such folder.
 *
 * @param folder with one folder for each machine
 * @throws {UserError} for a record that is not one of these benches
 */
export async function recordsByMachine(folder: string): Promise<MeasuredRecords[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await Promise.all(names.sort().map((name) => measuredRecords(`${folder}/${name}`)));
}

/**
 * Reads the records of a machine.
 *
 * @param folder of the records of one processor
 * @throws {UserError} for a record that is not one of these benches
 */
export async function measuredRecords(folder: string): Promise<MeasuredRecords> {
  const found = await Promise.all(
    Object.entries(schemas).map(async ([name, schema]) => {
      const path = `${folder}/numbers/${name}.json`;
      const text = await readTextIfThere(path);
      return text === undefined ? [] : [[name, parsed(schema, text, path)] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

function parsed(schema: z.ZodType, text: string, path: string): unknown {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `Cannot compare with "${path}": found no record of this bench ` +
        `(${error instanceof Error ? error.message : error}). Record it again, or delete it`,
    );
  }
}
