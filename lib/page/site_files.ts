/** The files of a page that are the same for every student: its scripts, and ONNX Runtime for browsers. */
import { stripTypeScriptTypes } from "node:module";

/** Scripts of the page, below `lib`; each is the file beside it without its types. */
const scripts = [
  "page/site/app.ts",
  "page/site/prepare.ts",
  "page/site/similar.ts",
  "images/codec/middle.ts",
  "images/codec/resize.ts",
  "tensors/cubic_convolution.ts",
] as const;

/** Documents of the page, and where they come from below `lib`. */
const documents = {
  "index.html": "page/site/index.html",
  "style.css": "page/site/style.css",
} as const;

/** A file of a page: its path relative to the page, and its content. */
export interface SiteFile {
  readonly path: string;
  readonly content: Uint8Array | string;
}

/** The scripts and documents of a page. The scripts are those that were tested here, without their types. */
export async function siteFiles(): Promise<SiteFile[]> {
  const read = async (path: string) =>
    await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
  const files: SiteFile[] = [];
  for (const path of scripts) {
    const source = stripTypeScriptTypes(await read(path));
    files.push({
      path: path.replace(/\.ts$/, ".js"),
      content: source.replaceAll(/(from\s+"[^"]+)\.ts"/g, '$1.js"'),
    });
  }
  for (const [path, from] of Object.entries(documents)) {
    files.push({ path, content: await read(from) });
  }
  return files;
}

/** ONNX Runtime for browsers: the script and the program for WebAssembly, and those for WebGPU. */
export async function runtimeFiles(): Promise<SiteFile[]> {
  // Imported as text, which also installs the package: its address is then that of a file.
  const { default: wasm }: { readonly default: string } = await import(
    "npm:onnxruntime-web@1.30.0/wasm",
    { with: { type: "text" } }
  );
  const { default: webgpu }: { readonly default: string } = await import(
    "npm:onnxruntime-web@1.30.0/webgpu",
    { with: { type: "text" } }
  );
  const folder = import.meta.resolve("npm:onnxruntime-web@1.30.0/wasm");
  const program = async (name: string) => ({
    path: `runtime/${name}`,
    content: await Deno.readFile(new URL(name, folder)),
  });
  return [
    { path: "runtime/ort.wasm.mjs", content: withoutMap(wasm) },
    { path: "runtime/ort.webgpu.mjs", content: withoutMap(webgpu) },
    await program("ort-wasm-simd-threaded.wasm"),
    await program("ort-wasm-simd-threaded.asyncify.wasm"),
  ];
}

/** Browsers would ask for a file that is not there. */
function withoutMap(script: string): string {
  return script.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
}
