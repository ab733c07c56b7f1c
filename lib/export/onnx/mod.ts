/**
 * A student as an ONNX file that is held against it. Not part of the front door, since it brings a library of its
 * own.
 *
 * @module
 */

export {
  type CheckedOnnx,
  checkOnnx,
  type ExportedOnnx,
  exportOnnx,
  type ExportOnnxOptions,
} from "./export_onnx.ts";
export type { OnnxHead } from "./student_onnx.ts";
