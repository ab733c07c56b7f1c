/** How Jupyter starts the Deno kernel, so that a notebook's interrupt stops a run and not the kernel. */
import { writeFileAtomic } from "../../../io/atomic_file.ts";

/** Name of the folder of the kernel, and of the kernel in notebooks. */
export const kernelName = "deno";

/**
 * What an interrupt of a notebook does: a "signal" reaches the current run, which saves a checkpoint and
 * ends its loop; without a run it is ignored. A "message" stops whatever JavaScript is running, even a
 * run in the middle of a step.
 */
export type KernelInterrupt = "signal" | "message";

/**
 * Writes `FOLDER/deno/kernel.json`.
 *
 * @param folder of kernels, such as `~/.local/share/jupyter/kernels`
 * @returns the path of the file
 */
export async function writeKernelSpec(
  folder: string,
  { interrupt = Deno.build.os === "windows" ? "message" : "signal", deno = Deno.execPath() }: {
    readonly interrupt?: KernelInterrupt | undefined;
    readonly deno?: string;
  } = {},
): Promise<string> {
  const start = [deno, "jupyter", "--kernel", "--conn", "{connection_file}"];
  const spec = {
    // Deno's kernel (2.9.6) dies of a signal without a listener, unless it started with it ignored.
    argv: interrupt === "message"
      ? start
      : ["sh", "-c", 'trap "" INT; exec "$@"', "deno", ...start],
    display_name: "Deno",
    language: "typescript",
    interrupt_mode: interrupt,
  };
  await Deno.mkdir(`${folder}/${kernelName}`, { recursive: true });
  const path = `${folder}/${kernelName}/kernel.json`;
  await writeFileAtomic(path, JSON.stringify(spec, null, 2) + "\n");
  return path;
}

/** The folder in which Jupyter looks for the kernels of this user. */
export function userKernels(
  os: string,
  variable: (name: string) => string | undefined,
  home: string,
): string {
  const data = variable("JUPYTER_DATA_DIR");
  if (data) return `${data}/kernels`;
  if (os === "darwin") return `${home}/Library/Jupyter/kernels`;
  if (os === "windows") return `${variable("APPDATA") ?? home}/jupyter/kernels`;
  return `${variable("XDG_DATA_HOME") || `${home}/.local/share`}/jupyter/kernels`;
}
