/** Whether models and tasks that were named can be had, before an image is decoded or a network opened. */
import { UserError } from "../errors/user_error.ts";
import { assertMemory } from "../io/memory.ts";
import { evaluationMetrics } from "../metrics/comparison/evaluation_metric.ts";
import { runPaths } from "../runs/run_folder.ts";
import { locateStudent } from "../runs/locate_student.ts";
import { checkCheckpoint } from "../teachers/check_backbone.ts";
import { type ModelName, parseModelName } from "../teachers/model_name.ts";
import { metricsOfDenseTasks } from "./dense.ts";
import type { Metric } from "./evaluator.ts";
import { checkTeacherName, type ModelSpec, unknownModel } from "./models/open_model.ts";
import type { ReadoutRequest } from "./readout/read_model.ts";
import { readCosts } from "./tasks/cost_file.ts";
import { locateTask } from "./tasks/open_task.ts";

/** What is to be measured, and by what. */
export interface EvaluationPlan {
  /** Default: none is looked at. */
  readonly models?: readonly ModelSpec[] | undefined;
  readonly tasks: readonly string[];
  /** Default: those that fit each task. */
  readonly metrics?: readonly Metric[] | undefined;
  /** Path of a CSV of what errors cost on the only task. Default: none. */
  readonly costs?: string | undefined;
  /** Side in pixels at which the images of classification tasks are seen. Default: not looked at. */
  readonly canvas?: number | undefined;
  /** How features are read; choosing takes images of classes. Default: as they are. */
  readonly readout?: ReadoutRequest | undefined;
}

/**
 * Refuses an evaluation that could not be finished, as far as that is known before its images are
 * decoded: models, tasks, metrics that fit none of a task's, costs that cannot be read.
 *
 * @throws {UserError} with the nearest names
 *
 * @example
 * ```ts
 * import { checkEvaluation } from "./check_evaluation.ts";
 * await checkEvaluation({ models: [{ source: "pixels" }], tasks: ["digits"], metrics: ["knn"] });
 * const refused = await checkEvaluation({ tasks: ["digit"] }).then(() => "", String);
 * if (!refused.includes("Did you mean digits?")) throw new Error("Nearly a name");
 * ```
 */
export async function checkEvaluation(
  { models = [], tasks, metrics, costs, canvas, readout }: EvaluationPlan,
): Promise<void> {
  if (canvas !== undefined) checkCanvas(canvas);
  if (costs !== undefined) await readCosts(costs, tasks);
  for (const task of tasks) await checkTask(task, metrics);
  if (readout === "chosen") await checkChoice(tasks);
  for (const { source } of models) await checkModel(parseModelName(source), source);
}

/** Images that a network sees at once; see the extractors. */
const batchSize = 64;

/** Refuses images so large that a batch of them fills the memory. */
function checkCanvas(canvas: number): void {
  // Numbers on the host and on the engine, of four bytes each.
  const batch = batchSize * canvas * canvas * 3 * 4 * 2;
  assertMemory(
    { fixed: 0, perItem: { [`${batchSize} images of ${canvas} px`]: batch }, items: 1 },
    { attempt: `evaluate at ${canvas} px`, batchOption: "", sizeOption: "--canvas" },
  );
}

/** A readout is chosen by the classes of train images. */
async function checkChoice(tasks: readonly string[]): Promise<void> {
  const kinds = await Promise.all(tasks.map(locateTask));
  if (kinds.includes("classification")) return;
  throw new UserError(
    `Cannot choose a readout on ${
      tasks.join(", ") || "no task"
    }: found no task whose images have one class ` +
      "each, expected at least one, such as digits. Add one with --data, or read features as they are.",
  );
}

/** Where several kinds of tasks are measured at once, each takes the metrics that fit it. */
async function checkTask(source: string, metrics: readonly Metric[] | undefined): Promise<void> {
  const kind = await locateTask(source);
  if (metrics === undefined) return;
  const fitting: readonly Metric[] = kind === "classification"
    ? evaluationMetrics
    : metricsOfDenseTasks[kind];
  if (metrics.some((metric) => fitting.includes(metric))) return;
  throw new UserError(
    `Cannot measure "${source}" by ${metrics.join(", ")}: expected at least one of ` +
      `${fitting.join(", ")}. Name one of them with --metric.`,
  );
}

async function checkModel(name: ModelName, source: string): Promise<void> {
  if (name.kind === "pixels") return;
  if (name.kind === "random") return await checkRun(name.run, source);
  // A run folder may have a name of any other kind.
  if (await locateStudent(source) !== undefined) return;
  switch (name.kind) {
    case "teacher":
      return void checkTeacherName(name);
    case "concatenation":
      for (const part of name.parts) {
        if (part.kind === "student") throw unknownModel(part.path);
        checkTeacherName(part);
      }
      return;
    case "checkpoint":
      return await checkCheckpoint(name);
    case "student":
      throw unknownModel(source);
  }
}

async function checkRun(run: string | undefined, source: string): Promise<void> {
  if (run === undefined) return;
  const { recipe } = runPaths(run);
  if (await Deno.stat(recipe).then(({ isFile }) => isFile, () => false)) return;
  throw new UserError(
    `Cannot open the model "${source}": found no "${recipe}", expected the folder of a run after ` +
      '"random:". Check the path, or leave it out: "random"',
  );
}
