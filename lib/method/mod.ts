/**
 * UNIC as pure functions of tensors, in the order of the paper: student and projectors, standardised targets,
 * losses, teacher dropping, one step.
 *
 * @module
 */

// The student with its projectors (sections 3.1 and 3.4)
export {
  initStudent,
  student,
  type StudentConfig,
  studentFeatures,
  studentLayout,
  type StudentParameters,
} from "./student.ts";
export { drawDropPath } from "./drop_path.ts";
export type { Predictions, TeacherShape, TokenType } from "./tokens.ts";
export {
  countLadder,
  initLadder,
  ladder,
  type LadderConfig,
  type LadderParameters,
} from "./projectors/ladder.ts";
export { initProjector, project, type ProjectorConfig } from "./projectors/projector.ts";

// Targets made comparable (3.3)
export {
  destandardize,
  standardize,
  type StandardizerKind,
  updateStatistics,
} from "./standardizers/standardizer.ts";
export { initStatistics, type Statistics, type Targets } from "./standardizers/statistics.ts";
export { fitStatistics } from "./standardizers/fit.ts";
export { foldStandardizer } from "./standardizers/phi_s.ts";

// Losses (3.1), and the teachers that count (3.5)
export { lossesPerTeacher, type TeacherLosses } from "./losses.ts";
export { teacherDropCoefficients, type TeacherDropOptions } from "./teacher_drop.ts";
export { balance, type Balancing } from "./balancing.ts";

// One step
export {
  type DistillBatch,
  distillGradients,
  type DistillTensors,
  distillUpdate,
  type StepConfig,
} from "./step.ts";
export { stateDigest } from "./state_digest.ts";
