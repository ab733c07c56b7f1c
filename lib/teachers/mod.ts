/**
 * Frozen networks to learn from: those that come with the package, checkpoints of known families, and one's own.
 *
 * @module
 */

// The interface
export {
  type Backbone,
  type BackboneIdentity,
  type Features,
  shapeOf,
  type Teacher,
} from "./backbone.ts";
export type { Predictor } from "./backbone.ts";
export type { FittedReadout, Readout } from "./readout/readout.ts";
export { withReadout } from "./readout/readout_backbone.ts";
export type { BackboneInput } from "./input.ts";
export { preprocess } from "./preprocess.ts";

// Those that come with the package
export { zoo } from "./zoo/entries.ts";
export type { ZooEntry } from "./zoo/manifest.ts";
export { loadTeacher, type LoadTeacherOptions } from "./zoo/zoo.ts";
export { loadClassifier, type TeacherClassifier } from "./zoo/classifier.ts";
export { matchClasses, type NamedClass } from "./zoo/class_names.ts";

// Checkpoints of known families
export { loadFamily } from "./load_family.ts";
export type { LoadFamilyOptions } from "./families/load_options.ts";
export { type FamilyName, familyNamed } from "./family_names.ts";
export { teacherFamilies } from "./families/families.ts";
export type { TeacherFamily } from "./families/family.ts";
export type { BackboneSpec } from "./backbone_spec.ts";
export { openBackbone } from "./open_backbone.ts";

// Networks of one's own
export { convolutionalBackbone, type ConvolutionalBackboneOptions } from "./backbone.ts";
export { encoderBackbone, type EncoderBackboneOptions, readEncoder } from "./encoder_backbone.ts";
export { concatenateBackbones } from "./concatenated_backbone.ts";
export { pruneBackbone } from "./prune.ts";
