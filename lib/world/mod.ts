/**
 * A generated world of shapes, textures and depths whose truth is known, for experiments that need one.
 *
 * @module
 */

// Factors
export {
  drawWorldFactors,
  type WorldFactor,
  worldFactorNames,
  type WorldFactors,
  worldFactors,
} from "./factors.ts";

// Images with parts and depths
export {
  drawWorldImage,
  type WorldImage,
  type WorldImageOptions,
  worldParts,
  worldSize,
} from "./world.ts";
export { packWorld, type WorldImages } from "./pack.ts";
export { worldBatch } from "./batch.ts";
