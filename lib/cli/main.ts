/**
 * The program: `hashigo COMMAND` where it is installed, `deno task COMMAND` in a clone.
 *
 * @module
 */
import { suggestion } from "../errors/did_you_mean.ts";
import { UserError } from "../errors/user_error.ts";
import type { Command, CommandGroup, CommandOutput } from "./command.ts";
import { catalogueText } from "./help_text.ts";
import { programName, version } from "./program.ts";
import { reportError, runInterruptibly, terminal } from "./run_command.ts";

/** A command that is not loaded yet. Its group and summary are the command's own; a test compares them. */
export interface CatalogueEntry {
  /** What the command is for. */
  readonly group: CommandGroup;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Loads the command's module. */
  load(): Promise<Command>;
}

/**
 * All commands by name, in the order of `help`. Each is loaded only when it runs, so that `help` and
 * `teachers` start without the engine. Benches stand above this room: this table alone knows them.
 */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = {
  demo: {
    group: "distil",
    summary: "Distils four specialists into one student, without labels: the quick start",
    load: async () => (await import("./commands/demo.ts")).demo,
  },
  distill: {
    group: "distil",
    summary: "Distils teachers into one student, by a recipe or from a folder of images",
    load: async () => (await import("./commands/distill.ts")).distillCommand,
  },
  update: {
    group: "distil",
    summary:
      "Distils new images into a finished run, and rehearses old ones so that nothing is lost",
    load: async () => (await import("./commands/update.ts")).update,
  },
  runs: {
    group: "distil",
    summary: "Lists runs: state, step, loss, verdict, size and age",
    load: async () => (await import("./commands/runs.ts")).runs,
  },
  replay: {
    group: "distil",
    summary: "Repeats a step that the guard of a run refused, and compares every loss, bit for bit",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  evaluate: {
    group: "measure",
    summary: "Measures frozen features of runs, teachers, random networks and pixels",
    load: async () => (await import("./commands/evaluate.ts")).evaluate,
  },
  select: {
    group: "measure",
    summary: "Chooses teachers: in which order, what each adds and costs, and where to stop",
    load: async () => (await import("./commands/select/select.ts")).select,
  },
  report: {
    group: "measure",
    summary: "Writes a run's report.html: comparison, costs, training and recipe on one page",
    load: async () => (await import("./commands/report.ts")).report,
  },
  verdict: {
    group: "measure",
    summary: "Trains a recipe and its baselines with several seeds: go, no-go or inconclusive",
    load: async () => (await import("./commands/verdict.ts")).verdict,
  },
  bench: {
    group: "measure",
    summary:
      "Measures speed: of a step, of reading, of cached features, of metrics, of serving; and quality",
    load: async () => (await import("../bench/bench.ts")).bench,
  },
  teachers: {
    group: "use",
    summary: "Lists the pretrained networks that come with the package",
    load: async () => (await import("./commands/teachers.ts")).teachers,
  },
  features: {
    group: "use",
    summary: "Writes frozen features of images, as safetensors",
    load: async () => (await import("./commands/use/features.ts")).features,
  },
  classify: {
    group: "use",
    summary: "Fits a classifier to labelled images, and sorts others by it",
    load: async () => (await import("./commands/use/classify.ts")).classify,
  },
  search: {
    group: "use",
    summary: "Finds the nearest images of a folder, and images that are almost the same",
    load: async () => (await import("./commands/use/search.ts")).search,
  },
  drift: {
    group: "use",
    summary: "Tests whether images differ from a reference, and whether that harms a student",
    load: async () => (await import("./commands/use/drift.ts")).drift,
  },
  serve: {
    group: "use",
    summary:
      "Serves a student over HTTP: POST an image, get its embedding, class and nearest images",
    load: async () => (await import("./commands/use/serve.ts")).serve,
  },
  page: {
    group: "use",
    summary: "Writes a static page that runs a student in any browser: no server, no network",
    load: async () => (await import("./commands/use/page.ts")).page,
  },
  export: {
    group: "use",
    summary:
      "Writes a student for other programs: ONNX, safetensors, torch.load; with a model card",
    load: async () => (await import("./commands/use/export.ts")).exportCommand,
  },
  "notebook-kernel": {
    group: "use",
    summary:
      "Registers the Deno kernel with Jupyter, so that an interrupt ends a run with a checkpoint",
    load: async () => (await import("./commands/notebook_kernel.ts")).notebookKernel,
  },
  experiments: {
    group: "reproduce",
    summary: "Reproduces the paper's tables; finished runs are kept, stopped ones resumed",
    load: async () => (await import("./commands/experiments.ts")).experiments,
  },
  guide: {
    group: "reproduce",
    summary: "Writes docs/guide.md from the results on file: which part pays off when",
    load: async () => (await import("./commands/repository/guide.ts")).guide,
  },
  notebooks: {
    group: "reproduce",
    summary: "Executes all notebooks to their closing assertions, and refreshes their outputs",
    load: async () => (await import("./commands/notebooks.ts")).notebooks,
  },
  specialists: {
    group: "reproduce",
    summary: "Trains the teachers of the demo and of the generated world from labels",
    load: async () => (await import("./commands/specialists.ts")).specialists,
  },
  doctor: {
    group: "maintain",
    summary: "Checks everything that a run needs; for each thing missing, the remedy",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  cache: {
    group: "maintain",
    summary: "Lists what the package keeps in its cache, with sizes; --clean removes it",
    load: async () => (await import("./commands/cache.ts")).cache,
  },
  torture: {
    group: "maintain",
    summary: "Kills a tiny distillation again and again, and resumes it to the undisturbed result",
    load: async () => (await import("../bench/endurance/torture.ts")).torture,
  },
  soak: {
    group: "maintain",
    summary: "Distils for thousands of tiny steps, in which memory must stay flat",
    load: async () => (await import("../bench/endurance/soak.ts")).soak,
  },
  test: {
    group: "maintain",
    summary: "Runs all tests and the examples of the documentation",
    load: async () => (await import("./commands/repository/test.ts")).test,
  },
  mutants: {
    group: "maintain",
    summary: "Changes single lines in a copy, and says which changes the tests do not notice",
    load: async () => (await import("./commands/repository/mutants.ts")).mutants,
  },
  check: {
    group: "maintain",
    summary: "Checks format, lint, types, documentation and the package, then runs the tests",
    load: async () => (await import("./commands/repository/check.ts")).check,
  },
};

/** Runs the program with its arguments and returns the exit status. */
export async function runProgram(
  args: readonly string[],
  output: CommandOutput = terminal,
): Promise<number> {
  const [first = "help", ...rest] = args;
  if (first === "--version") {
    output.out(`hashigo ${version} (Deno ${Deno.version.deno})`);
    return 0;
  }
  const isHelp = ["help", "--help", "-h"].includes(first);
  const name = isHelp ? rest.find((word) => word !== "help" && !word.startsWith("-")) : first;
  if (name === undefined) {
    output.out(catalogueText(catalogue, programName()));
    return 0;
  }
  let command: Command;
  try {
    command = await loadCommand(name);
  } catch (error) {
    return reportError(error, { name, args: rest, program: programName() }, output);
  }
  return await runInterruptibly(command, isHelp ? ["--help"] : rest, output);
}

async function loadCommand(name: string): Promise<Command> {
  const entry = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  if (entry !== undefined) return await entry.load();
  const question = suggestion(name, Object.keys(catalogue));
  throw new UserError(
    [`There is no command "${name}".`, question, `See ${programName()} help`]
      .filter((sentence) => sentence !== "").join(" "),
  );
}

/** Errors that no command waits for, as those of a timer, end the program with the same words. */
function reportStrayErrors(args: readonly string[]): void {
  const [name = "help", ...rest] = args;
  const end = (error: unknown) =>
    Deno.exit(reportError(error, { name, args: rest, program: programName() }));
  globalThis.addEventListener("error", (event) => end(event.error));
  globalThis.addEventListener("unhandledrejection", (event) => end(event.reason));
}

if (import.meta.main) {
  reportStrayErrors(Deno.args);
  Deno.exit(await runProgram(Deno.args));
}
