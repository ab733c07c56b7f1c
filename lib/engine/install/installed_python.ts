import type { Host } from "./host.ts";
import { tensorFlowVersion } from "./wheels.ts";

/**
 * Looks for TensorFlow without importing it, which would take seconds and start its runtime. The same
 * module comes from several distributions; the version is that of the first one that is installed.
 */
const question = `
import importlib.metadata as metadata, importlib.util as util, json, os
def version():
    for name in ("tensorflow", "tensorflow-cpu", "tensorflow-cpu-aws", "tensorflow-macos"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
found = version()
spec = util.find_spec("tensorflow") if found else None
print(json.dumps({"version": found, "folder": os.path.dirname(spec.origin)} if spec and spec.origin else None))
`;

/** The folder of an installed Python `tensorflow` of the pinned version, or undefined. */
export async function installedTensorFlow(host: Host): Promise<string | undefined> {
  for (const python of ["python3", "python"]) {
    const { code, stdout } = await host.run([python, "-c", question]);
    if (code !== 0) continue;
    try {
      const installed: { version: string; folder: string } | null = JSON.parse(stdout);
      if (installed?.version === tensorFlowVersion) return installed.folder;
    } catch {
      continue; // Something else answers to this name.
    }
  }
  return undefined;
}
