/**
 * Draws docs/pictures/page.png: the page of a student of satellite tiles, whose pictures (EuroSAT, MIT) come with the package.
 *
 *     deno run -A tests/golden/export/page_picture.ts
 */
import { writeFileAtomic } from "../../../lib/io/atomic_file.ts";
import { fitHead } from "../../../lib/inference/fit_head.ts";
import { labelledFeatures } from "../../../lib/inference/folder_features.ts";
import { writeHead } from "../../../lib/inference/head_file.ts";
import { openStudent } from "../../../lib/inference/open_student.ts";
import { buildPage } from "../../../lib/export/page/build_page.ts";
import { openBrowser } from "../../../lib/report/page/browser.ts";
import { capturePage, setViewport } from "../../../lib/report/page/screenshot.ts";
import { serveFolder } from "../../export/page/serve_folder_fixture.ts";

const images = "data/images/land_use.zip";
const folder = await Deno.makeTempDir();
const source = `${folder}/land_use.safetensors`;
await Deno.copyFile("data/teachers/specialist_land_use/encoder.safetensors", source);
const fitted = await openStudent(source);
const labelled = await labelledFeatures(fitted.backbone, images);
const head = await fitHead(labelled, {
  classes: labelled.classes,
  network: fitted.backbone.digest,
  images: "1,800 satellite tiles",
  rejection: 0.5,
});
await writeHead(`${folder}/head.safetensors`, head);
await buildPage(source, {
  student: fitted,
  out: `${folder}/page`,
  images: [images],
  count: 36,
  head,
  licence: "MIT (of images land_use.zip)",
  version: "picture",
});
fitted.dispose();
{
  await using server = serveFolder(`${folder}/page`, { isolated: true });
  await using browser = await openBrowser();
  const { page } = browser;
  await setViewport(page, { width: 1000 });
  await page.open(server.address);
  await page.evaluate("hashigo.ready");
  // Milliseconds are of this machine.
  await page.evaluate("document.getElementById('status').textContent = 'WebAssembly, 2 threads'");
  await page.evaluate(
    "Promise.all([...document.images].map((image) => image.decode().catch(() => {})))",
  );
  await writeFileAtomic(
    "docs/pictures/page.png",
    await capturePage(page, { width: 1000, height: 1100 }),
  );
}
await Deno.remove(folder, { recursive: true });
