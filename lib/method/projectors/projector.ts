/**
 * From the student's tokens to predictions of the teachers', in one of three ways (UNIC sections 3.1
 * and 3.4).
 *
 * @module
 */
import type { KeptTokens } from "../../nn/kept_tokens.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { countShapes, type ShapesOf } from "../../tensors/shapes.ts";
import type { Predictions } from "../tokens.ts";
import type { BlockOutputs } from "./check_block_outputs.ts";
import {
  initLadder,
  ladder,
  type LadderConfig,
  type LadderParameters,
  ladderShapes,
} from "./ladder.ts";
import {
  initTopProjector,
  topProjector,
  type TopProjectorConfig,
  type TopProjectorParameters,
  topProjectorShapes,
} from "./top.ts";
import {
  initTransformerProjector,
  transformerProjector,
  type TransformerProjectorConfig,
  type TransformerProjectorParameters,
  transformerProjectorShapes,
} from "./transformer.ts";

/** A way to project, by its `kind`: `"ladder"` (default), `"top"` or `"transformer"`. */
export type ProjectorConfig =
  | ({ readonly kind?: "ladder" } & LadderConfig)
  | ({ readonly kind: "top" } & TopProjectorConfig)
  | ({ readonly kind: "transformer" } & TransformerProjectorConfig);

/** Parameters of projectors of one kind. */
export type ProjectorParameters =
  | LadderParameters
  | TopProjectorParameters
  | TransformerProjectorParameters;

/** One kind of projectors. */
interface Projector {
  init(config: ProjectorConfig, random: RandomStream): ProjectorParameters;
  project(
    parameters: ProjectorParameters,
    blockOutputs: BlockOutputs,
    config: ProjectorConfig,
    kept?: KeptTokens,
  ): Predictions;
  shapes(config: ProjectorConfig): ShapesOf<ProjectorParameters>;
}

// Each entry takes the configuration of its own kind, by which it is looked up.
const projectors: Readonly<Record<NonNullable<ProjectorConfig["kind"]>, Projector>> = {
  ladder: { init: initLadder, project: ladder, shapes: ladderShapes },
  top: { init: initTopProjector, project: topProjector, shapes: topProjectorShapes },
  transformer: {
    init: initTransformerProjector,
    project: transformerProjector,
    shapes: transformerProjectorShapes,
  },
};

function projectorOf({ kind = "ladder" }: ProjectorConfig): Projector {
  return projectors[kind];
}

/**
 * Parameters of projectors.
 *
 * @throws {UserError} Where the configuration cannot be used.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initProjector } from "@hashigo/hashigo/method";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const config = { kind: "top", width: 4, depth: 2, grid: [2, 2], teachers } as const;
 * if (!("a" in initProjector(config, randomStream(0)))) throw new Error("Expected a head");
 * ```
 */
export function initProjector(config: ProjectorConfig, random: RandomStream): ProjectorParameters {
  return projectorOf(config).init(config, random);
}

/**
 * The student's predictions of every teacher.
 *
 * @param parameters From {@linkcode initProjector} of the same configuration.
 * @param blockOutputs Raw output of each of the student's blocks, `[batch, 1 + patches, width]`.
 * @param kept Which patches of the grid these are. Default: all.
 * @source UNIC sections 3.1 and 3.4.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initProjector, project } from "@hashigo/hashigo/method";
 * await startEngine();
 * const teachers = [{ name: "a", width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }];
 * const config = { kind: "top", width: 4, depth: 1, grid: [2, 2], teachers } as const;
 * const { a } = project(initProjector(config, randomStream(0)), [tf.ones([3, 5, 4])], config);
 * if (a?.cls?.shape.join() !== "3,5") throw new Error("Expected the teacher's width");
 * ```
 */
export function project(
  parameters: ProjectorParameters,
  blockOutputs: BlockOutputs,
  config: ProjectorConfig,
  kept?: KeptTokens,
): Predictions {
  return projectorOf(config).project(parameters, blockOutputs, config, kept);
}

/** Whether the heads see tokens standardised by statistics of their own, as only those of a ladder may. */
export function standardizesInputs(config: ProjectorConfig): config is LadderConfig {
  return "standardized" in config && config.standardized === true;
}

/**
 * Shapes of {@linkcode initProjector}.
 *
 * @throws {UserError} Where the configuration cannot be used.
 */
export function projectorShapes(config: ProjectorConfig): ShapesOf<ProjectorParameters> {
  return projectorOf(config).shapes(config);
}

/**
 * How many parameters projectors have, from their shape alone.
 *
 * @example
 * ```ts
 * import { countProjector } from "./projector.ts";
 * const grid = [14, 14] as const;
 * const teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
 * const count = countProjector({ width: 768, depth: 12, grid, teachers });
 * if (count !== 35_430_912) throw new Error("Expected the paper's ladder");
 * ```
 */
export function countProjector(config: ProjectorConfig): number {
  return countShapes(projectorShapes(config));
}
