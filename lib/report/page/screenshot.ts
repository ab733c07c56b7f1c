/** A picture of a page, as a browser draws it. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { type BrowserPage, openBrowser } from "./browser.ts";

/** Size and colours in which a page is drawn. */
export interface Viewport {
  /** Width in CSS pixels. Default 1000. */
  readonly width?: number | undefined;
  /** At most so much of the page, in CSS pixels. Default: all of it. */
  readonly height?: number | undefined;
  /** Colours of the page. Default "light". */
  readonly scheme?: "light" | "dark" | undefined;
}

/**
 * Takes a picture of a page on the disk and writes it as PNG.
 *
 * @throws {UserError} Where no browser is installed, or the page or the file cannot be opened.
 */
export async function takeScreenshot(
  page: string,
  file: string,
  options: Viewport = {},
): Promise<void> {
  await using browser = await openBrowser();
  await setViewport(browser.page, options);
  await browser.page.open(pathToFileURL(resolve(page)).href);
  await writeFileAtomic(file, await capturePage(browser.page, options));
}

/** Sets size and colours before a page is opened, or while it is open. */
export async function setViewport(page: BrowserPage, options: Viewport): Promise<void> {
  const { width = 1000, scheme = "light" } = options;
  await page.call("Emulation.setDeviceMetricsOverride", {
    width,
    height: 900,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await page.call("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
}

/** PNG of the page that is open, from its top. */
export async function capturePage(
  page: BrowserPage,
  { width = 1000, height = Infinity }: Viewport,
): Promise<Uint8Array> {
  const whole = Number(await page.evaluate("document.documentElement.scrollHeight"));
  const { data } = await page.call("Page.captureScreenshot", {
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height: Math.min(height, whole), scale: 1 },
  });
  return Uint8Array.fromBase64(String(data));
}
