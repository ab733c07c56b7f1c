/**
 * A trained student in use: embeddings, classes and neighbours of images.
 *
 * @module
 */

export { type OpenedStudent, openStudent, type OpenStudentOptions } from "./open_student.ts";
export type { ImageInput } from "./image_batches.ts";
export {
  atTemperature,
  type Classification,
  decide,
  type Head,
  type HeadValidation,
} from "./head.ts";
export { fitHead, type FitHeadOptions } from "./fit_head.ts";
export { readHead, writeHead } from "./head_file.ts";
export {
  type FolderFeatures,
  folderFeatures,
  labelledFeatures,
  type LabelledFolder,
} from "./folder_features.ts";
export { classifyFolder } from "./classify_folder.ts";
export {
  type DriftOfFolders,
  driftOfFolders,
  type DriftRequest,
} from "./drift/drift_of_folders.ts";
export { detectDrift, type Drift } from "../metrics/drift/detect_drift.ts";
export { freshPageHinkley, pageHinkley } from "../metrics/drift/page_hinkley.ts";
export { searchFolder, type SearchRequest, type SearchResult } from "./search_folder.ts";
export { type ImageServer, imageServer, type ImageServerOptions } from "./serve/image_server.ts";
