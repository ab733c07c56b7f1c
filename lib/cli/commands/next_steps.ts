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
    [
      `${program} classify ${run} --train LABELLED --images FOLDER`,
      "sorts images into your classes",
    ],
    [`${program} search ${run} --index FOLDER --out similar.html`, "finds similar images"],
    [`${program} serve ${run}`, "answers over HTTP"],
    [
      `${program} export ${run} --format onnx --out FOLDER`,
      "for ONNX Runtime, Python, transformers.js",
    ],
    [`${program} page ${run} --out FOLDER`, "a page that runs it in a browser"],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command!.length));
  return [
    "\nnext:",
    ...steps.map(([command, purpose]) => `  ${command!.padEnd(width)}  ${purpose}`),
  ];
}
