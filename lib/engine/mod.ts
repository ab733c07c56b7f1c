/**
 * TensorFlow under Deno: starting an engine, and compiling functions of tensors into one op.
 *
 * @module
 */

// Start
export { startEngine, type StartOptions, type Engine, type BackendName } from "./backend.ts";
export type { ProgressEvent } from "../io/terminal.ts";

// Compile
export { compile, type Compiled, type Mode } from "./compiler/compile.ts";
export type { Precision } from "./tfjs/precision.ts";
export { compileLazily } from "./compile_lazily.ts";

// Trees of tensors, in and out of a compiled function
export { type TensorTree, type Structure, structureOf, leavesOf, treeOf, disposeTree } from "./compiler/tree.ts";

// Examine
export { runChecks, type DoctorCheck, type DoctorReport, type CheckResult } from "./doctor/doctor.ts";
