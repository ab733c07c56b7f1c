/** Notebooks as files: their cells are type-checked, ordered, asserted, and become a book that works. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findBrowser, openBrowser } from "../../lib/report/page/browser.ts";
import {
  userKernels,
  writeKernelSpec,
} from "../../lib/cli/commands/notebooks/notebook_kernel_spec.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}/notebooks`;
const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb")).sort();

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: string | string[];
  readonly outputs?: { readonly output_type: string; readonly data?: Record<string, unknown> }[];
}

function cellsOf(name: string): Cell[] {
  return JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)).cells;
}

const textOf = ({ source }: Cell) => Array.isArray(source) ? source.join("") : source;

Deno.test("notebooks are numbered in reading order, begin with a title, and end with assertions and what to try", () => {
  assertEquals(names.map((name) => Number(name.slice(0, 2))), [...names.keys()]);
  for (const name of names) {
    const cells = cellsOf(name);
    assertMatch(textOf(cells[0]!), /^# .+/, name);
    assertMatch(textOf(cells.at(-2)!), /assert/, name);
    assertMatch(textOf(cells.at(-1)!), /^\*\*Try this\.\*\* /, name);
  }
});

Deno.test("outputs are kept: every figure has a picture and words beside it", () => {
  for (const name of names) {
    const outputs = cellsOf(name).flatMap(({ outputs = [] }) => outputs);
    assert(outputs.length > 0, `${name} was never executed: deno task notebooks ${name}`);
    for (const { output_type, data = {} } of outputs) {
      // A cell's last expression may be lost, and may say what is only true of one machine.
      assertEquals(output_type, "display_data", name);
      assert(data["text/plain"] !== undefined, name);
      if (data["application/vnd.plotly.v1+json"] === undefined) continue;
      assert(data["image/png"] !== undefined, name);
    }
  }
});

Deno.test("the cells of every notebook, one after the other, are a module that type-checks", async () => {
  const paths = names.map((name) => `${folder}/${name.replace(".ipynb", "")}_scratch.ts`);
  try {
    for (const [i, name] of names.entries()) {
      const code = cellsOf(name).filter(({ cell_type }) => cell_type === "code").map(textOf);
      await Deno.writeTextFile(paths[i]!, code.join("\n"));
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", ...paths],
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    for (const path of paths) await Deno.remove(path).catch(() => {});
  }
});

Deno.test("the kernel is interrupted by a signal or a message, and lies where Jupyter looks", async () => {
  const kernels = await Deno.makeTempDir();
  const specOf = async (interrupt: "signal" | "message") =>
    JSON.parse(
      await Deno.readTextFile(await writeKernelSpec(kernels, { interrupt, deno: "/bin/deno" })),
    );
  const message = await specOf("message");
  assertEquals(message.interrupt_mode, "message");
  assertEquals(message.argv.slice(0, 3), ["/bin/deno", "jupyter", "--kernel"]);
  const signal = await specOf("signal");
  assertEquals(signal.interrupt_mode, "signal");
  assertEquals(signal.argv.slice(4), message.argv);
  await Deno.remove(kernels, { recursive: true });
  const none = () => undefined;
  assertEquals(userKernels("linux", none, "/home/a"), "/home/a/.local/share/jupyter/kernels");
  assertEquals(userKernels("darwin", none, "/Users/a"), "/Users/a/Library/Jupyter/kernels");
  assertEquals(userKernels("linux", () => "/data", "/home/a"), "/data/kernels");
});

const browser = await findBrowser();

Deno.test({
  name: `the book opens in Chromium without an error, its plots drawn${
    browser === undefined ? " (skipped: no Chromium)" : ""
  }`,
  ignore: browser === undefined,
  fn: async () => {
    const book = await Deno.makeTempDir();
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "-q", "notebooks", "--html", book],
      cwd: root,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    await using opened = await openBrowser();
    const { page } = opened;
    const errors: unknown[] = [];
    page.on("Runtime.exceptionThrown", (event) => errors.push(event));
    page.on("Log.entryAdded", (event) => errors.push(event));
    await page.call("Runtime.enable");
    await page.call("Log.enable");
    await page.open(`file://${book}/index.html`);
    assertEquals(await page.evaluate("document.querySelectorAll('li a').length"), names.length);
    for (const name of names) {
      await page.open(`file://${book}/${name.replace(".ipynb", ".html")}`);
      const [figures, drawn, title] = await page.evaluate(
        "[document.querySelectorAll('.figure').length," +
          "document.querySelectorAll('.figure .main-svg:first-child').length,document.title]",
      ) as [number, number, string];
      const kept = cellsOf(name).flatMap(({ outputs = [] }) => outputs)
        .filter(({ data = {} }) => data["application/vnd.plotly.v1+json"] !== undefined);
      assertEquals(figures, kept.length, name);
      assert(drawn >= figures, `${name}: ${drawn} of ${figures} drawn`);
      assertStringIncludes(textOf(cellsOf(name)[0]!), title);
    }
    assertEquals(errors, []);
    await Deno.remove(book, { recursive: true });
  },
});
