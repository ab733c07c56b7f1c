/**
 * Chooses and starts the engine of this process.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors/user_error.ts";
import { type Host, systemHost } from "./install/host.ts";
import { locateTensorFlow, type TensorFlowLibrary } from "./install/library.ts";
import { TensorFlowUnavailable } from "./install/platform.ts";
import { progressBar, type ProgressEvent } from "../io/terminal.ts";
import { preloadCuda } from "./preload_cuda.ts";
import { registerTensorFlowCompiler } from "./compiler/tensorflow_compiler.ts";
import { openTensorFlow, registerTensorFlowBackend, type TensorFlow } from "./tfjs/tensorflow.ts";

export type { ProgressEvent };

/** TensorFlow, or tfjs's WebAssembly kernels. */
export type BackendName = "tensorflow" | "wasm";

/** The engine that runs the tensors of this process. */
export interface Engine {
  /** TensorFlow, or tfjs's `wasm` backend. */
  readonly backend: BackendName;
  /** Version of TensorFlow, or of tfjs for `wasm`. */
  readonly version: string;
  /** Path of TensorFlow's main library; null for `wasm`. */
  readonly library: string | null;
  /** Names of the devices. */
  readonly devices: readonly string[];
  /** Whether `compile` compiles; where not, compiled functions run op by op. */
  readonly compiles: boolean;
  /**
   * Whether a GPU may compute products of float32 in TF32, which rounds what is multiplied to 10 bits
   * of mantissa. TensorFlow itself begins with true; here it is false until set. Processors do not
   * look at it.
   */
  tensorFloat32: boolean;
  /** Number of tensors that the engine holds now. */
  liveTensors(): number;
  /**
   * Gives memory that was freed back to the system. Arrays of some megabytes stay with the process when they are
   * freed, for others like them, which after a large start may never come. Does nothing where the C library
   * has no way (it is glibc's `malloc_trim`).
   */
  returnFreedMemory(): void;
}

/** Options of {@link startEngine}. */
export interface StartOptions {
  /** Default: `HASHIGO_BACKEND`, else TensorFlow, and `wasm` where TensorFlow is not available. */
  readonly backend?: BackendName | undefined;
  /** Default: a progress bar on standard error while TensorFlow is fetched. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  /** Shows TensorFlow's own start-up messages. Default: false. */
  readonly verbose?: boolean | undefined;
}

let started: Promise<Engine> | undefined;

/**
 * Starts TensorFlow and makes it tfjs's backend; call it before the first tensor. The library is
 * found or, on first use, fetched. Where it is not available, tfjs's `wasm` backend takes over and a
 * line on standard error gives the reason and the cost. Further calls return the same engine.
 *
 * Environment: `HASHIGO_BACKEND` (`tensorflow` or `wasm`), `HASHIGO_DEVICE` (`cpu` leaves a GPU
 * unused), `HASHIGO_TENSORFLOW` (folder of the libraries).
 *
 * @throws {UserError} Where a backend that was named is not available or another one runs already, where
 * a variable of the environment is wrong, where the library has a wrong digest.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 *
 * const engine = await startEngine();
 * const sum = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
 * if (sum !== 3) throw new Error(`${engine.backend} found ${sum}`);
 * ```
 */
export async function startEngine(options: StartOptions = {}): Promise<Engine> {
  if (started === undefined) {
    const attempt = start(options);
    started = attempt;
    attempt.catch(() => started = undefined); // So that it may be tried again.
  }
  const engine = await started;
  if (options.backend !== undefined && options.backend !== engine.backend) {
    throw new UserError(
      `Cannot start the engine as ${options.backend}: ${engine.backend} runs in this process ` +
        "already. Start a new process, or name the same backend everywhere",
    );
  }
  return engine;
}

async function start({ backend, onProgress, verbose = false }: StartOptions): Promise<Engine> {
  const host = systemHost(onProgress ?? progressBar());
  const named = backend ?? namedBackend(host);
  if (named === "wasm") return await startWasm();
  try {
    return await startTensorFlow(host, verbose);
  } catch (error) {
    if (named === "tensorflow" || !(error instanceof TensorFlowUnavailable)) throw error;
    const engine = await startWasm();
    const reason = error.message.replaceAll(/\s*\n\s*/g, " | ");
    console.error(
      "warning: running on tfjs's wasm backend: no compilation, no bfloat16, no GPU, many times " +
        `slower. TensorFlow was not used because: ${reason}`,
    );
    return engine;
  }
}

function namedBackend(host: Host): BackendName | undefined {
  const name = host.environment("HASHIGO_BACKEND");
  if (name === undefined || name === "tensorflow" || name === "wasm") return name;
  throw new UserError(`Found HASHIGO_BACKEND=${name}, expected tensorflow or wasm`);
}

async function startTensorFlow(host: Host, verbose: boolean): Promise<Engine> {
  const library = await locateTensorFlow({ host });
  preloadCuda(library, host);
  const tensorflow = open(library, verbose);
  await registerTensorFlowBackend(tensorflow);
  registerTensorFlowCompiler();
  refuseTensorFloat32(tensorflow);
  return {
    backend: "tensorflow",
    version: tensorflow.version,
    library: library.library,
    devices: tensorflow.devices,
    compiles: true,
    get tensorFloat32() {
      return tensorflow.tensorFloat32 ?? false;
    },
    set tensorFloat32(on) {
      tensorflow.tensorFloat32 = on;
    },
    liveTensors: () => tensorflow.liveHandles(),
    returnFreedMemory: () => tensorflow.returnFreedMemory(),
  };
}

/** Full precision unless something asks for less; says so where this library cannot be told. */
function refuseTensorFloat32(tensorflow: TensorFlow): void {
  tensorflow.tensorFloat32 = false;
  const onGpu = tensorflow.devices.some((name) => name.includes("GPU"));
  if (tensorflow.tensorFloat32 !== undefined || !onGpu) return;
  console.error(
    "warning: this TensorFlow has no switch for TF32, so its GPU may round products to 10 bits. Set " +
      "NVIDIA_TF32_OVERRIDE=0 before the process starts for full precision",
  );
}

function open(library: TensorFlowLibrary, verbose: boolean): TensorFlow {
  const { framework, library: main, source } = library;
  try {
    return openTensorFlow({ framework, library: main }, { verbose });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const Failure = source === "environment" ? UserError : TensorFlowUnavailable;
    throw new Failure(
      `Opening ${main} failed: ${reason}. It needs --allow-ffi, and on Linux glibc 2.27 or newer; ` +
        "where the file is damaged, remove its folder to have it fetched again",
    );
  }
}

async function startWasm(): Promise<Engine> {
  const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  const entry = import.meta.resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(fileURLToPath(new URL("./", entry)));
  if (!await tf.setBackend("wasm")) {
    throw new Error("tfjs's wasm backend did not start. Run deno install and try again");
  }
  return {
    backend: "wasm",
    version: version_wasm,
    library: null,
    devices: ["wasm"],
    compiles: false,
    tensorFloat32: false,
    liveTensors: () => tf.memory().numTensors,
    returnFreedMemory: () => {},
  };
}
