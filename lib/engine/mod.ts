/**
 * TensorFlow under Deno: starting an engine, and compiling functions of tensors into one op.
 *
 * @module
 */

// Start
export { type BackendName, type Engine, startEngine, type StartOptions } from "./backend.ts";
export type { ProgressEvent } from "../io/terminal.ts";

// Compile
export { compile, type Compiled, type Mode } from "./compiler/compile.ts";
export type { Precision } from "./tfjs/precision.ts";
export { compileLazily } from "./compile_lazily.ts";

// Several processes
export type { ProcessGroup } from "./collectives/process_group.ts";

// Trees of tensors, in and out of a compiled function
export {
  disposeTree,
  leavesOf,
  type Structure,
  structureOf,
  type TensorTree,
  treeOf,
} from "./compiler/tree.ts";

// Examine
export {
  type CheckResult,
  type DoctorCheck,
  type DoctorReport,
  runChecks,
} from "./doctor/doctor.ts";
