/**
 * The part of TensorFlow's C API that the engine calls, as a table: name, parameters, result.
 * `TF_` works on graphs, tensors and functions, `TFE_` executes.
 */

import { openForGood } from "./resident_library.ts";

const pointer = "pointer", buffer = "buffer", int = "i32", long = "i64", size = "usize";
const byte = "u8", float = "f32", nothing = "void";
/** TF_Output, passed by value: an operation and the number of one of its outputs. */
const output = { struct: ["pointer", "i32"] } as const;

const symbols = {
  // Library, status and byte buffers
  TF_Version: { parameters: [], result: pointer },
  TF_NewStatus: { parameters: [], result: pointer },
  TF_DeleteStatus: { parameters: [pointer], result: nothing },
  TF_SetStatus: { parameters: [pointer, int, buffer], result: nothing },
  TF_GetCode: { parameters: [pointer], result: int },
  TF_Message: { parameters: [pointer], result: pointer },
  TF_DeleteBuffer: { parameters: [pointer], result: nothing },
  TF_GetAllOpList: { parameters: [], result: pointer },

  // TF32 on GPUs: `tsl::enable_tensor_float_32_execution(bool)` and its question, which Python's
  // tf.config calls too. They have no name in C; a build that hides them has no switch.
  enableTensorFloat32: {
    name: "_ZN3tsl32enable_tensor_float_32_executionEb",
    parameters: ["bool"],
    result: nothing,
    optional: true,
  },
  tensorFloat32Enabled: {
    name: "_ZN3tsl33tensor_float_32_execution_enabledEv",
    parameters: [],
    result: "bool",
    optional: true,
  },

  // Memory: the C library's memcpy, in and out
  copyIn: { name: "memcpy", parameters: [pointer, buffer, size], result: pointer },
  copyOut: { name: "memcpy", parameters: [buffer, pointer, size], result: pointer },
  // Of glibc alone: gives back to the system what was freed, but for so many bytes
  trimHeap: { name: "malloc_trim", parameters: [size], result: int, optional: true },

  // Context and devices
  TFE_NewContextOptions: { parameters: [], result: pointer },
  TFE_DeleteContextOptions: { parameters: [pointer], result: nothing },
  TFE_NewContext: { parameters: [pointer, pointer], result: pointer },
  TFE_DeleteContext: { parameters: [pointer], result: nothing },
  TFE_ContextListDevices: { parameters: [pointer, pointer], result: pointer },
  TF_DeleteDeviceList: { parameters: [pointer], result: nothing },
  TF_DeviceListCount: { parameters: [pointer], result: int },
  TF_DeviceListName: { parameters: [pointer, int, pointer], result: pointer },
  TF_DeviceListType: { parameters: [pointer, int, pointer], result: pointer },

  // Collectives: server definition and its length; the status of an abort is its reason; the task that
  // is asked, and milliseconds
  TFE_ContextOptionsSetConfig: { parameters: [pointer, buffer, size, pointer], result: nothing },
  TFE_EnableCollectiveOps: { parameters: [pointer, buffer, size, pointer], result: nothing },
  TFE_AbortCollectiveOps: { parameters: [pointer, pointer], result: nothing },
  TFE_CollectiveOpsCheckPeerHealth: {
    parameters: [pointer, buffer, long, pointer],
    result: nothing,
    nonblocking: true,
  },

  // Host tensors and strings
  TF_AllocateTensor: { parameters: [int, buffer, int, size], result: pointer },
  TF_DeleteTensor: { parameters: [pointer], result: nothing },
  TF_TensorData: { parameters: [pointer], result: pointer },
  TF_TensorByteSize: { parameters: [pointer], result: size },
  TF_TensorElementCount: { parameters: [pointer], result: long },
  TF_StringInit: { parameters: [pointer], result: nothing },
  /** Points a string at memory that someone else keeps: target, address, length. */
  TF_StringAssignView: { parameters: [pointer, size, size], result: nothing },
  TF_StringGetDataPointer: { parameters: [pointer], result: pointer },
  TF_StringGetSize: { parameters: [pointer], result: size },

  // Tensor handles
  TFE_NewTensorHandle: { parameters: [pointer, pointer], result: pointer },
  TFE_DeleteTensorHandle: { parameters: [pointer], result: nothing },
  TFE_TensorHandleNumDims: { parameters: [pointer, pointer], result: int },
  TFE_TensorHandleDim: { parameters: [pointer, int, pointer], result: long },
  TFE_TensorHandleDataType: { parameters: [pointer], result: int },
  TFE_TensorHandleResolve: { parameters: [pointer, pointer], result: pointer },
  TFE_TensorHandleCopySharingTensor: { parameters: [pointer, pointer], result: pointer },
  TFE_TensorHandleCopyToDevice: {
    parameters: [pointer, pointer, buffer, pointer],
    result: pointer,
  },

  // Eager operations
  TFE_NewOp: { parameters: [pointer, buffer, pointer], result: pointer },
  TFE_DeleteOp: { parameters: [pointer], result: nothing },
  TFE_OpSetDevice: { parameters: [pointer, buffer, pointer], result: nothing },
  TFE_OpAddInput: { parameters: [pointer, pointer, pointer], result: nothing },
  TFE_Execute: { parameters: [pointer, buffer, buffer, pointer], result: nothing },
  /** The same call on another thread, so that timers and workers are served meanwhile. */
  TFE_ExecuteOffThread: {
    name: "TFE_Execute",
    parameters: [pointer, buffer, buffer, pointer],
    result: nothing,
    nonblocking: true,
  },
  TFE_OpSetAttrString: { parameters: [pointer, buffer, buffer, size], result: nothing },
  TFE_OpSetAttrStringList: { parameters: [pointer, buffer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrInt: { parameters: [pointer, buffer, long], result: nothing },
  TFE_OpSetAttrIntList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrFloat: { parameters: [pointer, buffer, float], result: nothing },
  TFE_OpSetAttrFloatList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrBool: { parameters: [pointer, buffer, byte], result: nothing },
  TFE_OpSetAttrBoolList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrType: { parameters: [pointer, buffer, int], result: nothing },
  TFE_OpSetAttrTypeList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrShape: { parameters: [pointer, buffer, buffer, int, pointer], result: nothing },

  // Graphs
  TF_NewGraph: { parameters: [], result: pointer },
  TF_DeleteGraph: { parameters: [pointer], result: nothing },
  TF_NewOperation: { parameters: [pointer, buffer, buffer], result: pointer },
  TF_FinishOperation: { parameters: [pointer, pointer], result: pointer },
  TF_AddInput: { parameters: [pointer, output], result: nothing },
  TF_AddControlInput: { parameters: [pointer, pointer], result: nothing },
  TF_AddInputList: { parameters: [pointer, buffer, int], result: nothing },
  TF_OperationOutputType: { parameters: [output], result: int },
  TF_GraphGetTensorNumDims: { parameters: [pointer, output, pointer], result: int },
  TF_GraphSetTensorShape: { parameters: [pointer, output, buffer, int, pointer], result: nothing },
  TF_GraphGetTensorShape: { parameters: [pointer, output, buffer, int, pointer], result: nothing },
  TF_SetAttrString: { parameters: [pointer, buffer, buffer, size], result: nothing },
  TF_SetAttrStringList: { parameters: [pointer, buffer, buffer, buffer, int], result: nothing },
  TF_SetAttrInt: { parameters: [pointer, buffer, long], result: nothing },
  TF_SetAttrIntList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrFloat: { parameters: [pointer, buffer, float], result: nothing },
  TF_SetAttrFloatList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrBool: { parameters: [pointer, buffer, byte], result: nothing },
  TF_SetAttrBoolList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrType: { parameters: [pointer, buffer, int], result: nothing },
  TF_SetAttrTypeList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrShape: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrTensor: { parameters: [pointer, buffer, pointer, pointer], result: nothing },

  // Functions: graph, name, append hash, operations (-1: all), inputs, outputs, output names,
  // options, description, status
  TF_GraphToFunction: {
    parameters: [
      ...[pointer, buffer, byte, int, pointer, int, buffer, int, buffer] as const,
      ...[pointer, pointer, pointer, pointer] as const,
    ],
    result: pointer,
  },
  TF_DeleteFunction: { parameters: [pointer], result: nothing },
  TF_FunctionSetAttrValueProto: {
    parameters: [pointer, buffer, buffer, size, pointer],
    result: nothing,
  },
  TFE_ContextAddFunction: { parameters: [pointer, pointer, pointer], result: nothing },
  TFE_ContextRemoveFunction: { parameters: [pointer, buffer, pointer], result: nothing },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C functions of the table, callable. */
export type CApi = Deno.DynamicLibrary<typeof symbols>["symbols"];
export type Pointer = Deno.PointerValue;
export type Bytes = Uint8Array<ArrayBuffer>;

const opened = new Map<string, CApi>();

/** Loads TensorFlow's two libraries; the second finds the first already in memory. */
export function loadCApi(paths: { framework: string; library: string }): CApi {
  const key = `${paths.framework}\n${paths.library}`;
  let api = opened.get(key);
  if (api === undefined) {
    Deno.dlopen(paths.framework, { TF_Message: symbols.TF_Message });
    api = Deno.dlopen(paths.library, symbols).symbols;
    for (const path of [paths.framework, paths.library]) openForGood(path);
    opened.set(key, api);
  }
  return api;
}

const encoder = new TextEncoder();
const names = new Map<string, Bytes>();

/** A zero-terminated copy of `text`. */
export function cString(text: string): Bytes {
  return encoder.encode(text + "\0");
}

/** A zero-terminated name of an op or attribute; the few there are stay encoded. */
export function cName(name: string): Bytes {
  let bytes = names.get(name);
  if (bytes === undefined) names.set(name, bytes = cString(name));
  return bytes;
}

/** Reads a zero-terminated string. */
export function readCString(address: Pointer): string {
  return address === null ? "" : Deno.UnsafePointerView.getCString(address);
}
