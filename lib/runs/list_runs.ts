/** The runs below a folder, at a glance: without opening their checkpoints. */
import { folderSize } from "../io/folder_size.ts";
import { UserError } from "../errors/user_error.ts";
import { type RunPaths, runPaths } from "./run_folder.ts";
import { currentStage, type StageState, stageStates } from "./stage_states.ts";
import { lastReport } from "./step_log.ts";

/** A run, as far as its folder tells. */
export interface ListedRun {
  readonly paths: RunPaths;
  /** "running" where a process holds its folder. */
  readonly state: "running" | "stopped" | "finished";
  /** The stage that is trained or comes next, of a run whose recipe has several. Default: it has none. */
  readonly stage?: string | undefined;
  /** Updates done, of the stage where there is one; undefined before the first. */
  readonly step?: number | undefined;
  /** Updates in all. */
  readonly steps?: number | undefined;
  /** Loss of the last update. */
  readonly loss?: number | undefined;
  /** Of the whole folder. */
  readonly bytes: number;
  /** When it was last written to, in milliseconds since 1970. */
  readonly written: number;
}

/** Folders below the given one that are looked into. */
const depth = 4;

/**
 * Finds runs in a folder and below it, the newest first.
 *
 * @param options onSkip: gets a line about each folder that cannot be read
 * @throws {UserError} where the folder itself cannot be read
 */
export async function listRuns(
  folder: string,
  { onSkip = () => {} }: { readonly onSkip?: (line: string) => void } = {},
): Promise<ListedRun[]> {
  const folders: string[] = [];
  await findRuns(folder, 0, folders, (path, error) => {
    const reason = error instanceof Error ? error.message : String(error);
    if (path !== folder) return onSkip(`warning: skipped "${path}": ${reason}`);
    throw new UserError(`Cannot list the runs of "${path}": ${reason}. Give a folder of runs.`, {
      cause: error,
    });
  });
  const runs = await Promise.all(folders.map(describeRun));
  return runs.sort((a, b) => b.written - a.written);
}

async function findRuns(
  folder: string,
  level: number,
  found: string[],
  fail: (path: string, error: unknown) => void,
): Promise<void> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    const names = new Set(entries.map(({ name }) => name));
    if (names.has("recipe.json") && marks.some((mark) => names.has(mark))) {
      found.push(folder);
      return;
    }
    for (const { name, isDirectory } of entries) {
      if (!isDirectory || level === depth || name.startsWith(".") || name === "node_modules") {
        continue;
      }
      await findRuns(`${folder}/${name}`, level + 1, found, fail);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    fail(folder, error);
  }
}

/** What a run has beside its recipe. */
const marks = ["lock", "log.jsonl", "checkpoints", "result.json"];

async function describeRun(folder: string): Promise<ListedRun> {
  const paths = runPaths(folder);
  const [{ bytes, written }, report, running, finished] = await Promise.all([
    folderSize(folder),
    currentReport(paths),
    isHeld(`${folder}/lock`),
    Deno.stat(paths.result).then(() => true, () => false),
  ]);
  return {
    paths,
    state: running ? "running" : finished ? "finished" : "stopped",
    stage: report.stage,
    step: report.step,
    steps: report.steps,
    loss: report.loss,
    bytes,
    written,
  };
}

/** The last report of a run, or of the stage that it has come to. */
async function currentReport(
  paths: RunPaths,
): Promise<Pick<ListedRun, "stage" | "step" | "steps" | "loss">> {
  // A file that is no recipe is a matter of the run, not of the list.
  const stages = await stageStates(paths.folder).catch((): StageState[] => []);
  const current = currentStage(stages);
  if (current === undefined) return await lastReport(paths.log) ?? {};
  const { name, step, steps, loss } = current;
  const place = `${name}, ${stages.indexOf(current) + 1} of ${stages.length}`;
  return { stage: place, step: step === 0 ? undefined : step, steps, loss };
}

/** Whether a process holds a lock file; false where there is none or it may not be read. */
async function isHeld(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    // A shared lock: two that look at the same time do not see each other.
    return !await file.tryLock(false);
  } catch {
    return false;
  }
}
