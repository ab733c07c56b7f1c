/**
 * Figures, tables and live output in notebooks with the Deno kernel.
 *
 * @module
 */
export { jupyterDisplay, type NotebookBundle, type NotebookView } from "./view.ts";
export { notebookFigure, notebookPicture, notebookTable } from "./view.ts";
export { type LiveView, liveView, show } from "./show.ts";
export { notebookSteps } from "./steps.ts";
export { runBoard, stepBoard, teacherBoard } from "./boards.ts";
export type { NotebookKernel } from "../../process/jupyter_kernel.ts";
