/** `notebooks`: executes the notebooks without a window, and makes a book of them. */
import { fileURLToPath } from "node:url";
import { userCache } from "../../../io/user_cache.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { suggestion } from "../../../errors/did_you_mean.ts";
import { duration } from "../../../io/duration.ts";
import { UserError } from "../../../errors/user_error.ts";
import { html } from "../../../report/html.ts";
import { plotlyScript } from "../../../report/figures/plotly_script.ts";
import { checkoutPath } from "../../checkout.ts";
import { defineCommand } from "../../command.ts";
import { kernelName, writeKernelSpec } from "./notebook_kernel_spec.ts";

/** Python packages that execute notebooks and make pages of them, installed once into their own folder. */
const packages = ["nbclient==0.11.0", "nbconvert==7.17.2", "latex2mathml==3.81.1"];

/** The command, as a value. */
export const notebooks = defineCommand({
  name: "notebooks",
  group: "reproduce",
  summary: "Executes all notebooks to their closing assertions, and refreshes their outputs",
  example: "04_teacher_dropping --html book",
  positionals: ["[NOTEBOOK...]"],
  options: {
    short: { type: "flag", summary: "few steps; the outputs on file stay as they are" },
    html: {
      type: "text",
      value: "FOLDER",
      summary: "only makes a browsable book there, from the outputs on file",
    },
    timeout: { type: "number", value: "SECONDS", summary: "for each cell; default 600" },
  },
  run: async ({ options, positionals, say, progress, work, emit }) => {
    const names = chooseNotebooks(positionals);
    const python = await preparePython(progress);
    if (options.html !== undefined) {
      await makeBook(python, names, options.html);
      say(`Open ${options.html}/index.html`);
      emit({ book: `${options.html}/index.html` });
      return;
    }
    const { short, timeout = 600 } = options;
    const data = await Deno.makeTempDir({ prefix: "hashigo-jupyter" });
    let failed = 0;
    try {
      await writeKernelSpec(`${data}/jupyter/kernels`);
      for (const [done, name] of names.entries()) {
        work({ stage: `executing ${name}`, done, total: names.length, unit: "notebooks" });
        const { ok, cell, error, seconds } = await execute(python, { name, data, short, timeout });
        if (!ok) failed++;
        say(
          `${name} ... ${ok ? "ok" : `FAILED in cell ${cell}\n${error}`} (${duration(seconds)})`,
        );
        emit(ok ? { name, ok, seconds } : { name, ok, seconds, cell, error });
      }
    } finally {
      await Deno.remove(data, { recursive: true });
    }
    say(`${names.length - failed} notebooks passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  },
});

/** Executes one notebook, and keeps its outputs unless `short`. */
async function execute(
  python: string,
  { name, data, short, timeout }: {
    readonly name: string;
    /** Folder in which Jupyter finds the kernel. */
    readonly data: string;
    readonly short: boolean;
    /** Seconds for each cell. */
    readonly timeout: number;
  },
) {
  const begun = performance.now();
  const path = notebookPath(name);
  const out = `${data}/${name}.ipynb`;
  const { ok, cell, error } = await requestPython(
    python,
    { execute: path, out, kernel: kernelName, timeout },
    // The variable must be absent from the long form: any value makes it short.
    { XDG_DATA_HOME: data, ...short ? { HASHIGO_SHORT: "1" } : {} },
  );
  const seconds = (performance.now() - begun) / 1000;
  if (ok && !short) await writeFileAtomic(path, await Deno.readTextFile(out));
  return { ok, cell, error, seconds };
}

const notebookPath = (name: string) => checkoutPath(`notebooks/${name}.ipynb`);

/** Names of the notebooks in reading order. */
function chooseNotebooks(paths: readonly string[]): string[] {
  const known = [...Deno.readDirSync(checkoutPath("notebooks"))].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb")).map((name) => name.replace(".ipynb", "")).sort();
  const names = paths.map((name) => name.replace(/^.*\//, "").replace(".ipynb", ""));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      `There is no notebook "${unknown}". ` +
        (suggestion(unknown, known) || `Known: ${known.join(", ")}.`),
    );
  }
  return names.length > 0 ? names : known;
}

/** Folder and executable of the Python with the packages, which may not exist yet. */
export function notebookPython(): { home: string; python: string } {
  const cache = userCache();
  const home = `${cache}/notebooks-${packages.join("-").replaceAll(/[^\w.]+/g, "-")}`;
  return { home, python: `${home}/bin/python` };
}

/** Returns the Python with the packages, which it makes where there is none yet. */
async function preparePython(progress: (line: string) => void): Promise<string> {
  const { home, python } = notebookPython();
  if (await Deno.stat(`${home}/complete`).then(() => true, () => false)) return python;
  progress(`installing ${packages.join(", ")} into ${home}`);
  await run("python3", ["-m", "venv", "--clear", home]);
  await run(python, ["-m", "pip", "install", "--quiet", ...packages]);
  await Deno.writeTextFile(`${home}/complete`, "");
  return python;
}

async function run(command: string, args: string[]): Promise<void> {
  const line = `${command} ${args.slice(0, 3).join(" ")}`;
  const refuse = (reason: string) =>
    new UserError(
      `Cannot execute notebooks: ${line} failed: ${reason}. Expected ` +
        "Python 3.10 or later with venv and pip (on Debian and Ubuntu: apt-get install python3-venv).",
    );
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(command, { args, stdout: "null", stderr: "piped" }).output();
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  if (!output.success) throw refuse(new TextDecoder().decode(output.stderr).trim().slice(-600));
}

/** Runs `notebooks.py` with a request and returns its answer. */
async function requestPython(
  python: string,
  request: unknown,
  env: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const script = fileURLToPath(new URL("./notebooks.py", import.meta.url));
  const { stdout, stderr } = await new Deno.Command(python, {
    args: [script, JSON.stringify(request)],
    env: { ...env, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line);
  } catch {
    return { ok: false, cell: 0, error: new TextDecoder().decode(stderr).trim().slice(-1500) };
  }
}

/** One page for each notebook, a page of contents, and plotly once beside them. */
async function makeBook(python: string, names: readonly string[], out: string): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  const titleOf = async (name: string) => {
    const text = await Deno.readTextFile(notebookPath(name));
    return /"# ([^"\\]+)/.exec(text)?.[1] ?? name;
  };
  const titles = await Promise.all(names.map(titleOf));
  const entry = (i: number) => names[i] === undefined ? null : [`${names[i]}.html`, titles[i]];
  for (const [i, name] of names.entries()) {
    const { ok, error } = await requestPython(python, {
      page: notebookPath(name),
      out: `${out}/${name}.html`,
      before: entry(i - 1),
      after: entry(i + 1),
    });
    if (!ok) throw new UserError(`Cannot make a page of the notebook "${name}": ${error}`);
  }
  await writeFileAtomic(`${out}/plotly.js`, await plotlyScript());
  await writeFileAtomic(`${out}/index.html`, contents(names, titles).text);
}

function contents(names: readonly string[], titles: readonly string[]) {
  const style =
    "body{max-width:680px;margin:48px auto;padding:0 20px;font:17px/1.6 Inter,system-ui," +
    "sans-serif;color:#1c2127}a{color:#0072b2;text-decoration:none}ol{padding:0;list-style:none}" +
    "li{padding:10px 0;border-bottom:1px solid #e4e7ea}small{color:#68707a;margin-right:14px}";
  return html`
    <!doctype html>
    <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport"
        content="width=device-width,initial-scale=1">
      <link rel="icon" href="data:,">
      <title>Hashigo</title>
      <style>${style}</style>
      <h1>Hashigo: the notebooks</h1>
      <p>Several frozen vision models into one student, step by step. Every page was executed from top to
        bottom; its last cell asserts what it shows.</p>
      <ol>${names.map((name, i) =>
        html`<li><small>${name.slice(0, 2)}</small><a href="${name}.html">${titles[i]}</a></li>`
      )}</ol>
    </html>
  `;
}
