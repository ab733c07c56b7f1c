/**
 * UNIC as pure functions of tensors, in the order of the paper: student and projectors, standardised targets,
 * losses, teacher dropping, one step.
 *
 * @module
 */

// The student with its projectors (sections 3.1 and 3.4)
export { type StudentConfig, type StudentParameters, initStudent, student, studentFeatures, drawDropPath } from "./student.ts";
export type { TeacherShape, TokenType, Predictions } from "./tokens.ts";
export { type LadderConfig, type LadderParameters, initLadder, ladder, countLadder } from "./projectors/ladder.ts";
export { type ProjectorConfig, initProjector, project } from "./projectors/projector.ts";

// Targets made comparable (3.3)
export { type StandardizerKind, standardize, destandardize, updateStatistics } from "./standardizers/standardizer.ts";
export { type Statistics, type Targets, initStatistics } from "./standardizers/statistics.ts";
export { fitStatistics } from "./standardizers/fit.ts";
export { foldStandardizer } from "./standardizers/phi_s.ts";

// Losses (3.1), and the teachers that count (3.5)
export { type TeacherLosses, lossesPerTeacher } from "./losses.ts";
export { type TeacherDropOptions, teacherDropCoefficients } from "./teacher_drop.ts";
export { type Balancing, balance } from "./balancing.ts";

// One step
export { type StepConfig, type DistillTensors, type DistillBatch, distillGradients, distillUpdate } from "./step.ts";
export { stateDigest } from "./state_digest.ts";
