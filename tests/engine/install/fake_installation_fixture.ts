/**
 * A machine without Python and network, and a small wheel to fetch on it, for tests of finding
 * TensorFlow.
 */
import { makeZip } from "../../images/zip_fixture.ts";
import type { Host } from "../../../lib/engine/install/host.ts";
import type { RunResult } from "../../../lib/io/wheels/fetching_host.ts";
import { fileDigest } from "../../../lib/io/digest.ts";
import type { Build } from "../../../lib/engine/install/wheels.ts";

const framework = "libtensorflow_framework.so.2";
const library = "libtensorflow_cc.so.2";

/** Writes a wheel with two libraries of 1 and 3 MB, and a file that is not kept. */
export async function writeFakeWheel(path: string): Promise<Build> {
  await Deno.writeFile(
    path,
    makeZip([
      { name: `tensorflow/${framework}`, content: noise(1_000_000), deflate: true },
      { name: `tensorflow/${library}`, content: noise(3_000_000) },
      { name: "tensorflow/python/unwanted.so", content: noise(100), deflate: true },
    ]),
  );
  return {
    ...{ variant: "fake", platforms: { pip: ["fakelinux"], uv: "fake" }, framework, library },
    wheels: [{
      ...{ name: "fake", version: "1", sha256: await fileDigest(path) },
      ...{ bytes: (await Deno.stat(path)).size, unpackedBytes: 4_000_000 },
      keep: /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/,
    }],
  };
}

/** Bytes that hardly shrink, the same on every call. */
function noise(length: number): Uint8Array {
  let state = length;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export const notThere: RunResult = { code: null, stdout: "", stderr: "not found" };
export const fine: RunResult = { code: 0, stdout: "", stderr: "" };

/** A host whose programs are played by `play`; what it returns undefined for is not installed. */
export function fakeHost(
  cache: string,
  play: (command: string) => RunResult | undefined | Promise<RunResult | undefined>,
  environment: Record<string, string> = {},
): Host & { readonly ran: string[]; readonly stages: Set<string> } {
  const ran: string[] = [];
  const stages = new Set<string>();
  return {
    ...{ os: "linux", architecture: "x86_64", hasCuda: false, hasAvx: true, cache, ran, stages },
    environment: (name) => environment[name],
    freeSpace: () => Promise.resolve(undefined),
    run: async (command) => {
      ran.push(command.join(" "));
      return await play(command.join(" ")) ?? notThere;
    },
    onProgress: ({ stage }) => stages.add(stage),
  };
}

/** Plays `python3 -m pip`, which "downloads" by copying `wheel`. */
export function playPip(wheel: string) {
  return async (command: string): Promise<RunResult | undefined> => {
    if (command === "python3 -m pip --version") return fine;
    const target = /^python3 -m pip download .*--dest (\S+) fake==1$/.exec(command)?.[1];
    if (target === undefined) return undefined;
    await Deno.copyFile(wheel, `${target}/fake-1-cp311-cp311-fakelinux.whl`);
    return fine;
  };
}
