import { type Engine, startEngine } from "../backend.ts";
import { checkDigests, isWhole } from "../../io/wheels/completed_folder.ts";
import type { DoctorCheck } from "./doctor.ts";
import { tryCompiledStep, tryDecode, tryMatmul } from "./doctor_trials.ts";
import { type Host, instructionSets, systemHost } from "../install/host.ts";
import { cacheFolder, locateTensorFlow } from "../install/library.ts";
import { neededBytes } from "../../io/wheels/fetch_wheels.ts";
import { coresText } from "../install/processor.ts";
import { chooseBuild } from "../install/platform.ts";
import { megabytes } from "../../io/terminal.ts";

/**
 * The checks of this machine.
 *
 * @param options fetch: whether TensorFlow may be fetched; default true.
 */
export function doctorChecks(
  { host = systemHost(), fetch = true }: { readonly host?: Host; readonly fetch?: boolean } = {},
): DoctorCheck[] {
  let engine: Engine | undefined;
  const running = () => {
    if (engine === undefined) throw new Error("not tried, as no engine runs");
    return engine;
  };
  const wasm = host.environment("HASHIGO_BACKEND") === "wasm";
  return [
    { name: "Deno", essential: true, run: denoVersion, remedy: "Run deno upgrade" },
    { name: "platform", essential: true, run: () => platform(host) },
    { name: "processor", essential: false, run: processor },
    { name: "permissions", essential: true, run: () => permissions(host), ...permissionRemedy },
    { name: "packages", essential: true, run: packages, remedy: "Run deno install" },
    { name: "disk", essential: false, run: () => disk(host), ...diskRemedy },
    { name: "CUDA driver", essential: false, run: () => cudaDriver(host) },
    { name: "TensorFlow", essential: !wasm, run: () => tensorFlowLibrary(host, fetch) },
    {
      name: "engine",
      essential: true,
      run: async () => {
        engine = await startEngine({ backend: await backendToTry(host, wasm) });
        return `${engine.backend} ${engine.version}${engine.compiles ? ", compiles" : ""}`;
      },
      ...engineRemedy,
    },
    { name: "devices", essential: false, run: () => devices(running(), host), ...devicesRemedy },
    { name: "matmul", essential: true, run: () => tryMatmul(running()), ...engineRemedy },
    {
      name: "compiled step",
      essential: true,
      run: () => tryCompiledStep(running()),
      ...engineRemedy,
    },
    { name: "image decoding", essential: true, run: tryDecode, remedy: "Run deno install" },
  ];
}

const permissionRemedy = { remedy: "Start through deno task, or with deno run --allow-all" };
const diskRemedy = { remedy: "Make room, or name a cache folder on another disk: XDG_CACHE_HOME" };
const engineRemedy = {
  remedy: "Remove the folder of the TensorFlow library to have it fetched again, or set " +
    "HASHIGO_BACKEND=wasm to do without; if it stays, report it with this output",
};
const devicesRemedy = {
  remedy:
    "Unset HASHIGO_TENSORFLOW and remove tensorflow-cpu from python3, so that the CUDA build " +
    "is fetched; set HASHIGO_DEVICE=cpu to do without the GPU",
};

function denoVersion(): string {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  if (major > 2 || (major === 2 && minor >= 9)) return Deno.version.deno;
  throw new Error(`found ${Deno.version.deno}, expected 2.9 or newer`);
}

function platform(host: Host): string {
  const run = host.environment("HASHIGO_TENSORFLOW") === undefined ? chooseBuild(host).variant : "";
  return `${host.os} ${host.architecture}${run && `, build ${run}`}`;
}

function processor(): string {
  const sets = instructionSets()?.join(" ");
  return `${coresText()}${sets && `, ${sets}`}`;
}

async function permissions(host: Host): Promise<string> {
  const required: Record<string, Deno.PermissionDescriptor> = {
    ffi: { name: "ffi" },
    env: { name: "env" },
    "read of the cache": { name: "read", path: host.cache },
    "write of the cache": { name: "write", path: host.cache },
  };
  const denied = [];
  for (const [name, descriptor] of Object.entries(required)) {
    if ((await Deno.permissions.query(descriptor)).state !== "granted") denied.push(name);
  }
  if (denied.length > 0) throw new Error(`not granted: ${denied.join(", ")}`);
  return `granted: ${Object.keys(required).join(", ")}`;
}

async function packages(): Promise<string> {
  const tfjs = await import("@tensorflow/tfjs");
  await import("@tensorflow/tfjs-backend-wasm");
  await import("zod");
  return `tfjs ${tfjs.version.tfjs}, wasm backend, zod`;
}

async function disk(host: Host): Promise<string> {
  await Deno.mkdir(host.cache, { recursive: true });
  const free = await host.freeSpace(host.cache);
  if (free === undefined) return "free space is not known without --allow-sys=statfs";
  const detail = `${megabytes(free)} free in ${host.cache}`;
  const build = chooseBuild(host);
  const needed = isWhole(cacheFolder(host, build)) ? 0 : neededBytes(build.wheels);
  if (free < needed) throw new Error(`${detail}, expected ${megabytes(needed)}`);
  return detail;
}

function cudaDriver(host: Host): string {
  if (host.environment("HASHIGO_DEVICE") === "cpu") return "not looked for: HASHIGO_DEVICE=cpu";
  return host.hasCuda ? "libcuda.so.1" : "none; computing on the processor";
}

async function tensorFlowLibrary(host: Host, fetch: boolean): Promise<string> {
  const { source, library } = await locateTensorFlow({ host, fetch });
  if (source === "cache") await checkDigests(cacheFolder(host, chooseBuild(host)));
  const origin = {
    environment: "named by HASHIGO_TENSORFLOW",
    cache: "from the cache, digests checked",
    python: "of an installed Python package",
    fetched: "fetched now",
  };
  return `${library}, ${origin[source]}`;
}

/** TensorFlow only where it is there by now, so that nothing is fetched a second time. */
async function backendToTry(host: Host, wasm: boolean): Promise<Engine["backend"]> {
  if (wasm) return "wasm";
  try {
    await locateTensorFlow({ host, fetch: false });
    return "tensorflow";
  } catch {
    return "wasm";
  }
}

function devices(engine: Engine, host: Host): string {
  const names = engine.devices.map((name) => name.replace(/^.*device:/, ""));
  if (host.hasCuda && engine.backend === "tensorflow" && !names.some((n) => n.startsWith("GPU"))) {
    throw new Error(`found ${names.join(", ")}, expected a GPU, as its driver is installed`);
  }
  return names.join(", ");
}
