/** `guide`: docs/guide.md, anew from the results on file. */
import allExperiments from "../../../../recipes/experiments/experiments.ts";
import { readExperimentResults } from "../../../experiments/results.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import type { GuideInput } from "../../../report/guide/guide_input.ts";
import { guidePage } from "../../../report/guide/guide_page.ts";
import { checkoutPath } from "../../checkout.ts";
import { defineCommand } from "../../command.ts";
import { resultsFolder } from "../../recording.ts";

/** The command, as a value. */
export const guide = defineCommand({
  name: "guide",
  group: "reproduce",
  summary: "Writes docs/guide.md from the results on file: which part pays off when",
  example: "--json",
  run: async ({ say, emit }) => {
    const path = await writeGuide();
    say(`${path} is up to date`);
    emit({ path });
  },
});

/** Writes the page into the checkout; returns its path there. */
export async function writeGuide(): Promise<string> {
  const path = "docs/guide.md";
  await writeFileAtomic(checkoutPath(path), guidePage(await readGuideInput(resultsFolder())));
  return path;
}

/**
 * Everything that the guide takes figures from, out of a folder of results. Of records of speed, which each machine has
 * of its own, those of the first machine by name that has them.
 */
export async function readGuideInput(folder: string): Promise<GuideInput> {
  const records = new Map<string, string>();
  const machines = await Array.fromAsync(Deno.readDir(`${folder}/machines`));
  const folders = machines.map(({ name }) => `${folder}/machines/${name}/numbers`).sort();
  for (const place of [folder, ...folders]) {
    for await (const { name, isFile } of Deno.readDir(place)) {
      if (!isFile || records.has(name)) continue;
      // Of pictures it is enough that they are there.
      records.set(name, name.endsWith(".png") ? "" : await Deno.readTextFile(`${place}/${name}`));
    }
  }
  const outcomes = await Promise.all(allExperiments.map(async (experiment) => ({
    experiment,
    results: await readExperimentResults(`${folder}/experiments/${experiment.name}.csv`),
  })));
  return { outcomes, records };
}
