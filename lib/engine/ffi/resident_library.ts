/**
 * Opens native libraries for as long as the process lives. Deno closes what it has opened when the
 * event loop ends; TensorFlow's threads would then run code that is no longer there, and the process
 * would end with a segmentation fault instead of its exit status.
 *
 * @module
 */

/** `RTLD_LAZY` and `RTLD_NODELETE` of dlfcn.h. */
const flags = Deno.build.os === "darwin" ? 0x1 | 0x80 : 0x1 | 0x1000;

/** glibc before 2.34 keeps `dlopen` in a separate library. */
const loaders = Deno.build.os === "darwin"
  ? ["/usr/lib/libSystem.B.dylib"]
  : ["libdl.so.2", "libc.so.6"];

const symbols = { dlopen: { parameters: ["buffer", "i32"], result: "pointer" } } as const;

let loader: Deno.DynamicLibrary<typeof symbols> | undefined;

/**
 * Opens the library at `path`, never to be closed. Libraries that are opened later, and name this
 * one as a dependency, get it without a search.
 *
 * @returns Whether that succeeded.
 */
export function openForGood(path: string): boolean {
  loader ??= openLoader();
  if (loader === undefined) return false;
  return loader.symbols.dlopen(new TextEncoder().encode(`${path}\0`), flags) !== null;
}

function openLoader(): Deno.DynamicLibrary<typeof symbols> | undefined {
  for (const name of loaders) {
    try {
      return Deno.dlopen(name, symbols);
    } catch {
      continue;
    }
  }
  return undefined;
}
