/**
 * A trained student in use: embeddings, classes and neighbours of images.
 *
 * @module
 */

export { type OpenedStudent, openStudent, type OpenStudentOptions } from "./open_student.ts";
export type { ImageInput } from "./image_batches.ts";
export type { Classification, Head, HeadValidation } from "./head.ts";
export { fitHead, type FitHeadOptions } from "./fit_head.ts";
export { readHead, writeHead } from "./head_file.ts";
