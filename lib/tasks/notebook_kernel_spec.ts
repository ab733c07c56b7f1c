/** How Jupyter starts the Deno kernel so that a notebook's interrupt stops a cell and not the kernel. */
import { writeFileAtomic } from "../atomic_file.ts";

/** Name of the folder of the kernel, and of the kernel in notebooks. */
export const kernelName = "deno";

/**
 * Writes `FOLDER/deno/kernel.json`.
 *
 * @param folder of kernels, such as `~/.local/share/jupyter/kernels`
 * @returns the path of the file
 */
export async function writeKernelSpec(folder: string, deno = Deno.execPath()): Promise<string> {
  const spec = {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    // By default Jupyter interrupts with a signal, which ends Deno's kernel (seen with Deno 2.9.6).
    interrupt_mode: "message",
  };
  await Deno.mkdir(`${folder}/${kernelName}`, { recursive: true });
  const path = `${folder}/${kernelName}/kernel.json`;
  await writeFileAtomic(path, JSON.stringify(spec, null, 2) + "\n");
  return path;
}

/** Where Jupyter looks for the kernels of this user. */
export function userKernels(
  os: string,
  variable: (name: string) => string | undefined,
  home: string,
): string {
  const own = variable("JUPYTER_DATA_DIR");
  if (own) return `${own}/kernels`;
  if (os === "darwin") return `${home}/Library/Jupyter/kernels`;
  if (os === "windows") return `${variable("APPDATA") ?? home}/jupyter/kernels`;
  return `${variable("XDG_DATA_HOME") || `${home}/.local/share`}/jupyter/kernels`;
}
