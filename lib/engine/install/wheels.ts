/**
 * The wheels that TensorFlow's libraries come from, pinned to the byte. Only the shared libraries
 * are taken out of them; no Python code is run.
 *
 * State: Linux x86-64 on the processor is run in the tests of this project. The CUDA, Linux arm64
 * and macOS arm64 builds follow the contents of their wheels and have not been run.
 *
 * @module
 */

import type { Wheel, WheelPlatforms } from "../../io/wheels/wheel.ts";

/** The one release that the C API declarations of this package were written for. */
export const tensorFlowVersion = "2.21.0";

/** TensorFlow for one kind of machine. */
export interface Build {
  readonly variant: string;
  readonly wheels: readonly Wheel[];
  readonly platforms: WheelPlatforms;
  /** File names of the two libraries; the first is loaded by the second. */
  readonly framework: string;
  readonly library: string;
}

const linux = { framework: "libtensorflow_framework.so.2", library: "libtensorflow_cc.so.2" };
const mac = { framework: "libtensorflow_framework.2.dylib", library: "libtensorflow_cc.2.dylib" };

function tensorFlow(name: string, sha256: string, bytes: number, unpackedBytes: number): Wheel {
  const keep = /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/;
  return { name, version: tensorFlowVersion, sha256, bytes, unpackedBytes, keep };
}

/**
 * The lower bounds of TensorFlow's extra `and-cuda`: the versions it was built against. The paths
 * are kept because the libraries look for one another in `../nvidia/NAME/lib`.
 */
function nvidia(
  name: string,
  version: string,
  sha256: string,
  bytes: number,
  unpackedBytes: number,
): Wheel {
  const keep = name === "cuda-nvcc"
    ? /^nvidia\/cuda_nvcc\/(bin\/ptxas|nvvm\/libdevice\/libdevice\.10\.bc)$/
    : /^nvidia\/\w+\/lib\/lib[\w.-]+\.so(\.\d+)*$/;
  return { name: `nvidia-${name}-cu12`, version, sha256, bytes, unpackedBytes, keep };
}

// deno-fmt-ignore
const cudaWheels = [
  nvidia("cuda-runtime", "12.5.82", "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115", 895707, 712032),
  nvidia("cuda-nvcc", "12.5.82", "b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0", 22468537, 31408356),
  nvidia("cuda-nvrtc", "12.5.82", "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd", 24873108, 68243664),
  nvidia("cuda-cupti", "12.5.82", "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953", 13811507, 43952208),
  nvidia("nvjitlink", "12.5.82", "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212", 21298879, 54560656),
  nvidia("cublas", "12.5.3.2", "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b", 363313169, 551706504),
  nvidia("cufft", "11.2.3.61", "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8", 192524114, 278929256),
  nvidia("curand", "10.3.6.82", "2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536", 56309107, 96529840),
  nvidia("cusparse", "12.5.1.3", "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752", 217558979, 295715544),
  nvidia("cusolver", "11.6.3.83", "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b", 130341232, 218141696),
  nvidia("nccl", "2.27.7", "de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa", 322546339, 430126192),
  nvidia("cudnn", "9.3.0.75", "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d", 577163502, 885338960),
];

/** Libraries of `cudaWheels` that are opened before TensorFlow, dependencies first. */
export const cudaPreload: readonly string[] = [
  "cuda_runtime/lib/libcudart.so.12",
  "cuda_nvrtc/lib/libnvrtc.so.12",
  "cuda_cupti/lib/libcupti.so.12",
  "nvjitlink/lib/libnvJitLink.so.12",
  "cublas/lib/libcublasLt.so.12",
  "cublas/lib/libcublas.so.12",
  "cufft/lib/libcufft.so.11",
  "curand/lib/libcurand.so.10",
  "cusparse/lib/libcusparse.so.12",
  "cusolver/lib/libcusolver.so.11",
  "nccl/lib/libnccl.so.2",
  "cudnn/lib/libcudnn.so.9",
];

/** Every build, by its variant. */
// deno-fmt-ignore
export const builds = {
  "linux-x86_64-cpu": {
    variant: "linux-x86_64-cpu",
    wheels: [tensorFlow("tensorflow-cpu", "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c", 273829956, 853308936)],
    platforms: { pip: ["manylinux_2_27_x86_64"], uv: "x86_64-manylinux_2_28" },
    ...linux,
  },
  "linux-x86_64-cuda": {
    variant: "linux-x86_64-cuda",
    wheels: [
      tensorFlow("tensorflow", "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124", 572440367, 1259021080),
      ...cudaWheels,
    ],
    platforms: { pip: ["manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"], uv: "x86_64-manylinux_2_28" },
    ...linux,
  },
  "linux-aarch64": {
    variant: "linux-aarch64",
    wheels: [tensorFlow("tensorflow", "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c", 281828020, 883062208)],
    platforms: { pip: ["manylinux_2_27_aarch64"], uv: "aarch64-manylinux_2_28" },
    ...linux,
  },
  "darwin-aarch64": {
    variant: "darwin-aarch64",
    wheels: [tensorFlow("tensorflow", "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88", 223405849, 740805624)],
    platforms: { pip: ["macosx_12_0_arm64"], uv: "aarch64-apple-darwin" },
    ...mac,
  },
} as const satisfies { readonly [variant: string]: Build };
