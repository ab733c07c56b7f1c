import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { buildPage } from "../../../lib/export/page/build_page.ts";
import { openStudent } from "../../../lib/inference/open_student.ts";
import type { Head } from "../../../lib/inference/head.ts";
import { findBrowser, openBrowser } from "../../../lib/report/page/browser.ts";
import { setViewport } from "../../../lib/report/page/screenshot.ts";
import { inFolder, png, writeFiles } from "../../images/images_fixture.ts";
import { randomStudent } from "../onnx/random_student_fixture.ts";
import { serveFolder } from "./serve_folder_fixture.ts";

const config = { imageSize: 32, patchSize: 8, width: 24, depth: 2, heads: 3 } as const;
const browser = await findBrowser();

const head: Head = {
  classes: ["a", "b"],
  width: 24,
  weight: Float32Array.from({ length: 48 }, (_, i) => (i % 5) - 2),
  bias: Float32Array.of(0, 0.5),
  temperature: 2,
  rejection: 0.3,
  validation: { images: 9, accuracy: 90, interval: [80, 95], calibration: [3, 2] },
  network: "",
  images: "9 images",
};

/** Builds the page of a student in a folder with photos. */
async function build(folder: string, photos = 8) {
  const files: Record<string, Uint8Array> = { "student.safetensors": randomStudent(config) };
  for (let i = 0; i < photos; i++) files[`photos/${i}.png`] = await png(19 * i, 40, 36);
  await writeFiles(folder, files);
  const source = `${folder}/student.safetensors`;
  using student = await openStudent(source);
  const built = await buildPage(source, {
    ...{ student, out: `${folder}/page`, images: [`${folder}/photos`], head },
    ...{ licence: "MIT <b>", version: "0.0.0" },
  });
  return { source, built };
}

Deno.test("a page is whole: everything that it asks for lies in its folder", () =>
  inFolder(async (folder) => {
    const { built } = await build(folder);
    assert(built.difference < 1e-5);
    const page = `${folder}/page`;
    const scripts = [
      "export/page/site/app.js",
      "export/page/site/prepare.js",
      "export/page/site/similar.js",
    ];
    for (const path of scripts) {
      const text = await Deno.readTextFile(`${page}/${path}`);
      const imports = [...text.matchAll(/from\s+"([^"]+)"/g)].map(([, from]) => from!);
      for (const from of imports) {
        const { isFile } = await Deno.stat(new URL(from, `file://${page}/${path}`));
        assert(isFile && from.endsWith(".js"), from);
      }
      assertEquals(/https?:\/\//.test(text), false, path);
    }
    const { gallery, grid, head: own } = JSON.parse(await Deno.readTextFile(`${page}/page.json`));
    assertEquals([gallery.length, grid, own.classes], [8, [4, 4], ["a", "b"]]);
    assertEquals((await Deno.stat(`${page}/gallery.bin`)).size, 4 * 8 * 24);
  }));

Deno.test("no picture is an error", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, { "photos/a.png": "no image" });
    await assertRejects(() => build(folder, 0), UserError, "Give a folder by --images");
  }));

for (const isolated of [false, true]) {
  Deno.test({
    name: `in a browser it computes what the student does${isolated ? ", with threads" : ""}` +
      (browser === undefined ? " (skipped: no Chromium is installed)" : ""),
    ignore: browser === undefined,
    fn: () =>
      inFolder(async (folder) => {
        const { source } = await build(folder);
        await writeFiles(folder, { "page/photo.png": await png(77, 70, 50) });
        await using server = serveFolder(`${folder}/page`, { isolated });
        await using opened = await openBrowser();
        const { page } = opened;
        const errors: string[] = [], asked: string[] = [];
        page.on("Runtime.exceptionThrown", (event) => errors.push(JSON.stringify(event)));
        page.on("Runtime.consoleAPICalled", (event) => {
          if (event.type === "error") errors.push(JSON.stringify(event));
        });
        page.on("Log.entryAdded", ({ entry }) => {
          if ((entry as { level: string }).level === "error") errors.push(JSON.stringify(entry));
        });
        page.on("Network.requestWillBeSent", ({ request }) =>
          asked.push((request as { url: string }).url));
        await setViewport(page, { width: 400 });
        await page.open(server.address);
        const { backend } = await page.evaluate("hashigo.ready") as { backend: string };
        assertEquals(backend.startsWith("WebAssembly"), true, backend);
        assertEquals(backend.includes("1 thread"), !isolated);
        const described = await page.evaluate("hashigo.describe('photo.png')") as {
          cls: number[];
          probabilities: number[];
        };
        using student = await openStudent(source);
        const [expected] = await student.embed([`${folder}/page/photo.png`]);
        const largest = Math.max(...expected!.map(Math.abs));
        expected!.forEach((value, i) =>
          assert(Math.abs(value - described.cls[i]!) < 1e-3 * largest)
        );
        assert(Math.abs(described.probabilities[0]! + described.probabilities[1]! - 1) < 1e-5);
        // The first picture of the gallery finds itself, and what is written is text.
        const shown = await page.evaluate(
          "[document.querySelector('#nearest span').textContent, document.getElementById('licence').textContent]",
        );
        assertEquals(shown, ["1.00", "Licence: MIT <b>"]);
        // By keyboard: the second picture.
        await page.evaluate("document.querySelectorAll('#gallery button')[1].focus()");
        for (const type of ["rawKeyDown", "char", "keyUp"]) {
          await page.call("Input.dispatchKeyEvent", {
            type,
            key: "Enter",
            code: "Enter",
            text: "\r",
            windowsVirtualKeyCode: 13,
          });
        }
        const name = "document.getElementById('name').textContent";
        for (let i = 0; i < 50 && await page.evaluate(name) !== "1.png"; i++) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assertEquals(await page.evaluate(name), "1.png");
        // Nothing is wider than a phone.
        assertEquals(await page.evaluate("document.documentElement.scrollWidth <= 400"), true);
        assertEquals(errors, []);
        assertEquals(
          asked.filter((url) =>
            !url.startsWith(server.address) && !url.startsWith("data:") && !url.startsWith("blob:")
          ),
          [],
        );
      }),
  });
}
