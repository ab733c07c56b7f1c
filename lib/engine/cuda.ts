import type { Host } from "./host.ts";
import type { TensorFlowLibrary } from "./library.ts";
import { cudaPreload } from "./wheels.ts";

/**
 * Opens the CUDA libraries beside TensorFlow, dependencies first. TensorFlow then finds them by
 * name, since the loader returns what is open already: no `LD_LIBRARY_PATH` is needed, which it would
 * read only when the process starts. Those that are not there are left to the system's own search.
 *
 * Not run on a machine with a GPU yet; that an open library is found by its name was tried.
 *
 * @returns The names of the libraries that were opened.
 */
export function preloadCuda(library: TensorFlowLibrary, host: Pick<Host, "hasCuda">): string[] {
  if (!host.hasCuda) return [];
  const nvidia = library.folder.replace(/[^/]*$/, "nvidia");
  const opened: string[] = [];
  for (const path of cudaPreload) {
    try {
      Deno.dlopen(`${nvidia}/${path}`, {}); // Stays open as long as the process.
      opened.push(path);
    } catch {
      continue;
    }
  }
  return opened;
}
