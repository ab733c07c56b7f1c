/** The projectors of one teacher out of those of all. */
import * as tf from "@tensorflow/tfjs";
import type { LinearParameters } from "../../nn/linear.ts";
import { parametersOf } from "./check_block_outputs.ts";
import { headGroups } from "./head_groups.ts";
import type { HeadGroupParameters, LadderConfig, LadderParameters } from "./ladder.ts";
import type { ProjectorConfig, ProjectorParameters } from "./projector.ts";

/** Projectors and their parameters. */
export interface Projectors {
  readonly config: ProjectorConfig;
  readonly parameters: ProjectorParameters;
}

/**
 * The projectors of each teacher by itself, in the order of the configuration. Of a ladder the first layers,
 * which stand side by side, are taken apart.
 *
 * @throws {UserError} Where a teacher's parameters are missing.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initLadder } from "@hashigo/hashigo/method";
 * import { projectorsByTeacher } from "./one_teacher.ts";
 * await startEngine();
 * const teachers = ["a", "b"].map((name) => (
 *   { name, width: 5, tokens: ["cls"] as const, grid: [2, 2] as const }
 * ));
 * const config = { width: 4, depth: 1, grid: [2, 2] as const, teachers };
 * const [a] = projectorsByTeacher({ config, parameters: initLadder(config, randomStream(0)) });
 * if (a?.config.teachers.map(({ name }) => name).join() !== "a") throw new Error("Expected one");
 * ```
 */
export function projectorsByTeacher({ config, parameters }: Projectors): Projectors[] {
  const ladders = config.kind === undefined || config.kind === "ladder"
    ? laddersByTeacher(parameters as LadderParameters, config)
    : undefined;
  return config.teachers.map((teacher) => ({
    config: { ...config, teachers: [teacher] },
    parameters: ladders?.[teacher.name] ?? {
      // These kinds have parameters by teacher already.
      [teacher.name]: parametersOf(parameters as Record<string, never>, teacher.name),
    },
  }));
}

function laddersByTeacher(
  parameters: LadderParameters,
  config: LadderConfig,
): { readonly [teacher: string]: LadderParameters } {
  const ladders: Record<string, Record<string, HeadGroupParameters>> = {};
  for (const { name: group, teachers } of headGroups(config)) {
    const { hidden, output, inputs } = parametersOf(parameters, group);
    const apart = Object.entries(hidden).map(([block, layer]) =>
      [block, columnsApart(layer, teachers.length)] as const
    );
    teachers.forEach(({ name }, i) => {
      (ladders[name] ??= {})[group] = {
        hidden: Object.fromEntries(apart.map(([block, layers]) => [block, layers[i]!])),
        output: { [name]: parametersOf(output, name) },
        // Absent rather than undefined: each key is a branch of tensors.
        ...inputs && { inputs },
      };
    });
  }
  return ladders;
}

/** Layers of equal width out of one that has their outputs side by side. */
function columnsApart({ weight, bias }: LinearParameters, count: number): LinearParameters[] {
  // tfjs has no gradient for a split into one part.
  if (count === 1) return [{ weight, bias }];
  const weights = tf.split<tf.Tensor2D>(weight, count, 1), biases = tf.split(bias, count);
  return weights.map((weight, i) => ({ weight, bias: biases[i]! as tf.Tensor1D }));
}
