/** The stages of a run side by side. */
import { duration } from "../../io/duration.ts";
import type { StageState } from "../../runs/stage_states.ts";
import { grouped } from "../format.ts";
import { textTable } from "./text_table.ts";

/** Titles of the columns of {@linkcode stageCells}. */
export const stageHeader = ["stage", "state", "steps", "time", "loss"] as const;

/** A row for each stage, and one of the whole where there are several. */
export function stageCells(stages: readonly StageState[]): string[][] {
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const steps = stages.reduce((sum, stage) => sum + stage.step, 0);
  return [
    ...stages.map((stage) => [
      stage.name,
      stageWord(stage),
      grouped(stage.step),
      duration(stage.seconds),
      stage.loss === undefined ? "" : stage.loss.toFixed(4),
    ]),
    ...stages.length > 1 ? [["all", "", grouped(steps), duration(seconds), ""]] : [],
  ];
}

function stageWord({ finished, step, steps = 0 }: StageState): string {
  return finished ? "finished" : step === 0 ? "not begun" : `stopped at ${step} of ${steps}`;
}

/** The stages as a table for terminals. */
export function stagesText(stages: readonly StageState[]): string {
  return textTable(stageHeader, stageCells(stages), [0, 1]);
}
