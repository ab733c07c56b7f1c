/**
 * Figures, tables and live output in notebooks with the Deno kernel.
 *
 * @module
 */
export { jupyterDisplay, type NotebookBundle, type NotebookView } from "./view.ts";
export { notebookFigure, notebookPicture, notebookTable } from "./view.ts";
export { type LiveView, liveView, show } from "./show.ts";
export { complementFigure } from "../figures/complement_figure.ts";
export { notebookSteps } from "./steps.ts";
export { notebookRecipe } from "./recipe.ts";
export { type NamedBackbone, type NeighbourBoard, neighbourBoard } from "./neighbours.ts";
export { ladderBoard, type LadderRungs } from "./ladder_board.ts";
export { runBoard, stepBoard, teacherBoard } from "./boards.ts";
export type { NotebookKernel } from "../../process/jupyter_kernel.ts";
