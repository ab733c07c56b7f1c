/**
 * A student elsewhere: as ONNX that is held against it, under the names of other codebases, in a browser.
 *
 * @module
 */

export { type ExportFormat, exportFormats, exportStudent } from "./export_student.ts";
export {
  type CheckedOnnx,
  checkOnnx,
  type ExportedOnnx,
  exportOnnx,
  type ExportOnnxOptions,
} from "./onnx/export_onnx.ts";
export type { OnnxHead } from "./onnx/student_onnx.ts";
export { buildPage, type BuildPageOptions, type BuiltPage } from "./page/build_page.ts";
