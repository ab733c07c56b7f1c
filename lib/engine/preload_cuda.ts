import type { Host } from "./install/host.ts";
import type { TensorFlowLibrary } from "./install/library.ts";
import { openForGood } from "./ffi/resident_library.ts";
import { cudaPreload } from "./install/wheels.ts";

/**
 * Prepares the process for TensorFlow's CUDA build: opens the CUDA libraries beside it, dependencies
 * first. TensorFlow then finds them by name, since the loader returns libraries that are open already: no
 * `LD_LIBRARY_PATH` is needed, which it would read only when the process starts. Those that are not
 * there are left to the system's own search. With `HASHIGO_DEVICE=cpu` GPUs are hidden instead.
 *
 * Not run on a machine with a GPU yet; only that an open library is found by its name.
 *
 * @returns The libraries that were opened.
 */
export function preloadCuda(
  library: TensorFlowLibrary,
  host: Pick<Host, "hasCuda" | "environment">,
): string[] {
  if (host.environment("HASHIGO_DEVICE") === "cpu") Deno.env.set("CUDA_VISIBLE_DEVICES", "-1");
  if (!host.hasCuda) return [];
  // TensorFlow takes the whole memory of the GPU otherwise.
  if (host.environment("TF_FORCE_GPU_ALLOW_GROWTH") === undefined) {
    Deno.env.set("TF_FORCE_GPU_ALLOW_GROWTH", "true");
  }
  const nvidia = library.folder.replace(/[^/]*$/, "nvidia");
  return cudaPreload.map((path) => `${nvidia}/${path}`).filter(openForGood);
}
