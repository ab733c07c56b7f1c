/** What to do with a finished run, as lines to type. */
import type { Recipe } from "../../recipe/options.ts";
import { programName } from "../program.ts";
import { quoted } from "./stopped_run.ts";

/** A line for each way on. */
export function nextStepLines(
  { evaluation: { tasks } }: Pick<Recipe, "evaluation">,
  { folder }: { readonly folder: string },
): string[] {
  const program = programName(), run = quoted(folder);
  const steps = [
    ...tasks.length > 0
      ? []
      : [[`${program} evaluate ${run} --data FOLDER`, "how good it is on your labelled images"]],
    [`${program} features ${run} --images FOLDER --out FILE`, "what it sees in your images"],
    [`${program} export ${run} --format timm --out FILE`, "for other programs"],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command!.length));
  return [
    "\nnext:",
    ...steps.map(([command, purpose]) => `  ${command!.padEnd(width)}  ${purpose}`),
  ];
}
