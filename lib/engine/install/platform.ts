import { UserError } from "../../errors/user_error.ts";
import type { Host } from "./host.ts";
import { type Build, builds } from "./wheels.ts";

/**
 * TensorFlow is not available on this machine, but another backend can take over. Mistakes that must not
 * pass unseen, such as a wrong digest, are plain {@link UserError}s.
 */
export class TensorFlowUnavailable extends UserError {}

/**
 * The build of TensorFlow for this machine.
 *
 * @throws {TensorFlowUnavailable} Where no wheel exists for it.
 */
export function chooseBuild(
  host: Pick<Host, "os" | "architecture" | "hasCuda" | "hasAvx">,
): Build {
  const { os, architecture } = host;
  if (os === "linux" && architecture === "x86_64") {
    if (!host.hasAvx) {
      throw new TensorFlowUnavailable(
        "TensorFlow's wheels need a processor with AVX, and /proc/cpuinfo lists none. " +
          "Use another machine, or a library built for this one, named by HASHIGO_TENSORFLOW",
      );
    }
    return builds[host.hasCuda ? "linux-x86_64-cuda" : "linux-x86_64-cpu"];
  }
  if (os === "linux" && architecture === "aarch64") return builds["linux-aarch64"];
  if (os === "darwin" && architecture === "aarch64") return builds["darwin-aarch64"];
  throw new TensorFlowUnavailable(
    `TensorFlow was looked for on ${os} ${architecture}; there are wheels for Linux on x86-64 ` +
      "and arm64 and for macOS on arm64. On Windows use WSL; elsewhere name a folder with " +
      "the libraries in HASHIGO_TENSORFLOW",
  );
}
