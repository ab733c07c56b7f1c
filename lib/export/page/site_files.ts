/** The files of a page that are the same for every student: its scripts, and ONNX Runtime for browsers. */
import { stripTypeScriptTypes } from "node:module";

/** Scripts of the page, below `lib`; each is the file beside it without its types. */
const scripts = [
  "export/page/site/app.ts",
  "export/page/site/prepare.ts",
  "export/page/site/similar.ts",
  "images/codec/middle.ts",
  "images/codec/resize.ts",
  "tensors/cubic_convolution.ts",
] as const;

/** Documents of the page, and where they come from below `lib`. */
const documents = {
  "index.html": "export/page/site/index.html",
  "style.css": "export/page/site/style.css",
} as const;

/** A file of a page: its path relative to the page, and its content. */
export interface SiteFile {
  readonly path: string;
  readonly content: Uint8Array | string;
}

/** The scripts and documents of a page. The scripts are those that were tested here, without their types. */
export async function siteFiles(): Promise<SiteFile[]> {
  const read = async (path: string) =>
    await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
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

/** 100 MB: a name that is no literal is fetched when it is asked for, and not with the program. */
const runtimePackage = "npm:onnxruntime-web@1.30.0/wasm";

/** ONNX Runtime for browsers: the script and the program for WebAssembly, and those for WebGPU. */
export async function runtimeFiles(): Promise<SiteFile[]> {
  // The import fetches the package, whose address is then that of a file.
  await import(runtimePackage);
  const folder = import.meta.resolve(runtimePackage);
  const script = async (from: string, path: string) => ({
    path: `runtime/${path}`,
    content: withoutMap(await Deno.readTextFile(new URL(from, folder))),
  });
  const program = async (name: string) => ({
    path: `runtime/${name}`,
    content: await Deno.readFile(new URL(name, folder)),
  });
  return [
    await script("ort.wasm.bundle.min.mjs", "ort.wasm.mjs"),
    await script("ort.webgpu.bundle.min.mjs", "ort.webgpu.mjs"),
    await program("ort-wasm-simd-threaded.wasm"),
    await program("ort-wasm-simd-threaded.asyncify.wasm"),
  ];
}

/** Browsers would ask for a file that is not there. */
function withoutMap(script: string): string {
  return script.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
}
