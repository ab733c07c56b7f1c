/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The page: takes a photo and shows what the student makes of it. Nothing leaves the browser. */
import type { PageData } from "../page_data.ts";
import { preparePixels } from "./prepare.ts";
import { decideClass, type Gallery, galleryOf, nearest, patchColours } from "./similar.ts";

/** What the page needs of ONNX Runtime. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: unknown } };
  readonly Tensor: new (type: string, data: Float32Array, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options: { executionProviders: readonly string[] }): Promise<Session>;
  };
}

interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: Float32Array }>>;
}

/** What is found out of a photo. */
interface Description {
  readonly cls: number[];
  readonly probabilities?: number[] | undefined;
  readonly milliseconds: number;
}

/** What runs the student. */
interface Engine {
  readonly page: PageData;
  readonly gallery: Gallery;
  readonly backend: string;
  describe(image: ImageBitmap): Promise<{
    readonly cls: Float32Array;
    readonly patch: Float32Array;
    readonly probabilities: Float32Array | undefined;
    readonly milliseconds: number;
  }>;
}

/** Side in pixels of the largest photo that is looked at; the student sees far less. */
const largest = 1600;

const element = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`There is no #${id}`);
  return found as T;
};

async function start(): Promise<Engine> {
  const [page, features, model] = await Promise.all([
    fetched("page.json").then((answer) => answer.json() as Promise<PageData>),
    fetched("gallery.bin").then((answer) => answer.arrayBuffer()),
    fetched("model.onnx").then((answer) => answer.arrayBuffer()),
  ]);
  const { session, runtime, backend } = await openSession(new Uint8Array(model));
  const { size } = page.input;
  const canvas = document.createElement("canvas");
  return {
    page,
    gallery: galleryOf(new Float32Array(features), page.width),
    backend,
    async describe(image) {
      const begun = performance.now();
      const scale = Math.min(1, largest / Math.max(image.width, image.height));
      canvas.width = Math.max(1, Math.round(image.width * scale));
      canvas.height = Math.max(1, Math.round(image.height * scale));
      const context = canvas.getContext("2d", { willReadFrequently: true })!;
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      const values = preparePixels(pixels, page.input);
      const outputs = await session.run({
        pixel_values: new runtime.Tensor("float32", values, [1, 3, size, size]),
      });
      return {
        cls: outputs.cls!.data,
        patch: outputs.patch!.data,
        probabilities: outputs.probabilities?.data,
        milliseconds: performance.now() - begun,
      };
    },
  };
}

async function fetched(path: string): Promise<Response> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

/** On the graphics card where the browser can, else in WebAssembly, with threads where the page is isolated. */
async function openSession(
  model: Uint8Array,
): Promise<{ session: Session; runtime: Runtime; backend: string }> {
  const graphics = "gpu" in navigator &&
    await (navigator as unknown as { gpu: { requestAdapter(): Promise<unknown> } }).gpu
      .requestAdapter().catch(() => null);
  if (graphics) {
    try {
      const runtime: Runtime = await import(address("runtime/ort.webgpu.mjs"));
      runtime.env.wasm.wasmPaths = {
        wasm: address("runtime/ort-wasm-simd-threaded.asyncify.wasm"),
      };
      const session = await runtime.InferenceSession.create(model, {
        executionProviders: ["webgpu"],
      });
      return { session, runtime, backend: "WebGPU" };
    } catch (error) {
      console.info("WebGPU does not run this student, WebAssembly takes over:", error);
    }
  }
  const runtime: Runtime = await import(address("runtime/ort.wasm.mjs"));
  const threads = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  runtime.env.wasm.numThreads = threads;
  runtime.env.wasm.wasmPaths = { wasm: address("runtime/ort-wasm-simd-threaded.wasm") };
  const session = await runtime.InferenceSession.create(model, { executionProviders: ["wasm"] });
  return { session, runtime, backend: `WebAssembly, ${threads} thread${threads === 1 ? "" : "s"}` };
}

function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** Shows a photo and what the student makes of it. */
async function show(engine: Engine, blob: Blob, name: string): Promise<void> {
  const status = element("status");
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(blob, { imageOrientation: "from-image" });
  } catch {
    status.textContent = `${name} is no image that this browser can read.`;
    return;
  }
  const { cls, patch, probabilities, milliseconds } = await engine.describe(image);
  element("result").hidden = false;
  drawSquare(element<HTMLCanvasElement>("photo"), image);
  drawPatches(engine.page, patch);
  showClasses(engine.page, probabilities);
  showNearest(engine, cls);
  element("name").textContent = name;
  status.textContent = `${milliseconds.toFixed(0)} ms, ${engine.backend}`;
}

/** The square in the middle, as the student sees it but sharper. */
function drawSquare(canvas: HTMLCanvasElement, image: ImageBitmap): void {
  const side = Math.min(image.width, image.height);
  canvas.width = canvas.height = 320;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  context.drawImage(image, left, top, side, side, 0, 0, 320, 320);
}

function drawPatches({ grid: [rows, columns], colours }: PageData, patch: Float32Array): void {
  const canvas = element<HTMLCanvasElement>("patches");
  element("patches-figure").hidden = colours === undefined;
  if (colours === undefined) return;
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d")!, pixels = context.createImageData(columns, rows);
  patchColours(colours, patch).forEach((value, i) => {
    pixels.data[4 * Math.floor(i / 3) + i % 3] = value;
    pixels.data[4 * Math.floor(i / 3) + 3] = 255;
  });
  context.putImageData(pixels, 0, 0);
}

/** Classes that are shown. */
const shownClasses = 5;

function showClasses({ head }: PageData, probabilities: Float32Array | undefined): void {
  element("classes-section").hidden = head === undefined || probabilities === undefined;
  if (head === undefined || probabilities === undefined) return;
  const decision = decideClass(head, probabilities);
  element("decision").textContent = decision.unsure
    ? `Unsure: a person should decide. The best guess is ${head.classes[decision.class]}.`
    : `${head.classes[decision.class]}`;
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  element("classes").replaceChildren(
    ...order.slice(0, shownClasses).map((label) => {
      const percent = 100 * probabilities[label]!;
      const row = document.createElement("li"), word = document.createElement("span");
      const meter = document.createElement("meter"), number = document.createElement("span");
      word.textContent = head.classes[label]!;
      Object.assign(meter, { min: 0, max: 100, value: percent });
      meter.setAttribute("aria-label", `${head.classes[label]}: ${percent.toFixed(0)} percent`);
      number.textContent = `${percent.toFixed(percent < 9.95 ? 1 : 0)} %`;
      row.append(word, meter, number);
      return row;
    }),
  );
}

/** Neighbours that are shown. */
const shownNeighbours = 6;

function showNearest({ page, gallery }: Engine, feature: Float32Array): void {
  const found = nearest(gallery, feature, shownNeighbours);
  element("nearest").replaceChildren(...found.map(({ image, similarity }) => {
    const { file, name } = page.gallery[image]!;
    const item = document.createElement("li"), picture = document.createElement("img");
    const caption = document.createElement("span");
    Object.assign(picture, { src: file, alt: name, title: name, width: 96, height: 96 });
    caption.textContent = similarity.toFixed(2);
    item.append(picture, caption);
    return item;
  }));
}

/** The pictures of the gallery as buttons. */
function fillGallery(engine: Engine): void {
  element("gallery").replaceChildren(...engine.page.gallery.map(({ file, name }) => {
    const button = document.createElement("button"), picture = document.createElement("img");
    Object.assign(picture, { src: file, alt: name, width: 72, height: 72, loading: "lazy" });
    button.type = "button";
    button.append(picture);
    button.addEventListener("click", () => guard(showFile(engine, file, name)));
    return button;
  }));
}

async function showFile(engine: Engine, file: string, name: string): Promise<void> {
  await show(engine, await (await fetched(file)).blob(), name);
}

/** Photos that are chosen, dropped or pasted. */
function listen(engine: Engine): void {
  const input = element<HTMLInputElement>("file"), zone = document.body;
  const take = (files: Iterable<File> | undefined | null) => {
    const [file] = files ?? [];
    if (file !== undefined) guard(show(engine, file, file.name));
  };
  input.disabled = false;
  input.addEventListener("change", () => take(input.files));
  addEventListener("paste", (event) => take(event.clipboardData?.files));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer?.files);
  });
}

/** Says what went wrong where it can be seen. */
function guard(work: Promise<unknown>): void {
  work.catch((error) => {
    element("status").textContent = `It does not work here: ${error?.message ?? error}`;
    console.error(error);
  });
}

const ready = (async () => {
  const engine = await start();
  const { name, licence } = engine.page;
  document.title = name;
  element("title").textContent = name;
  element("licence").textContent = `Licence: ${licence}`;
  fillGallery(engine);
  listen(engine);
  const [first] = engine.page.gallery;
  if (first !== undefined) await showFile(engine, first.file, first.name);
  return engine;
})();
guard(ready);

/** For programs that drive the page, as its test does. */
Object.assign(globalThis, {
  hashigo: {
    ready: ready.then(({ backend }) => ({ backend })),
    async describe(path: string): Promise<Description> {
      const engine = await ready;
      const image = await createImageBitmap(await (await fetched(path)).blob());
      const { cls, probabilities, milliseconds } = await engine.describe(image);
      return {
        cls: [...cls],
        ...probabilities && { probabilities: [...probabilities] },
        milliseconds,
      };
    },
  },
});
