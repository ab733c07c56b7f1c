import * as tf from "@tensorflow/tfjs";
import { resampleTokens } from "../nn/token_grid.ts";
import { UserError } from "../errors/user_error.ts";
import type { Backbone } from "./backbone.ts";

/**
 * Joins several teachers into one whose features are theirs side by side, each token of each teacher at
 * unit length. Patches are resampled to the finest grid. It owns the teachers. Students are compared with
 * it: it knows what all of their teachers know, at the cost of all of them.
 *
 * @throws {UserError} where there are fewer than two teachers, or they have no kind of token in common
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * import { concatenateBackbones } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const names = ["specialist_digits", "resnet20_cifar10"];
 * const both = concatenateBackbones(await Promise.all(names.map((name) => loadTeacher(name))));
 * const { cls, patch } = both.features(tf.zeros([1, 32, 32, 3]));
 * if (cls?.shape.join() !== "1,192" || patch?.shape.join() !== "1,64,192") throw new Error("128 + 64");
 * both.dispose();
 * ```
 */
export function concatenateBackbones(teachers: readonly Backbone[]): Backbone {
  const [first] = teachers;
  const tokens = (["cls", "patch"] as const).filter((token) =>
    teachers.every((teacher) => teacher.tokens.includes(token))
  );
  if (first === undefined || teachers.length < 2 || tokens.length === 0) {
    throw new UserError(
      `Cannot put the features of ${teachers.map(({ name }) => name).join(", ") || "no teacher"} ` +
        "side by side: expected at least two teachers that all have CLS, or all have patches.",
    );
  }
  const size = Math.max(...teachers.map(({ input }) => input.size));
  const grid: Backbone["grid"] = () => {
    const grids = teachers.map((teacher) => teacher.grid());
    return [
      Math.max(...grids.map(([rows]) => rows)),
      Math.max(...grids.map(([, columns]) => columns)),
    ];
  };
  return {
    name: teachers.map(({ name }) => name).join("+"),
    family: "concatenation",
    licence: [...new Set(teachers.map(({ licence }) => licence))].join(" AND "),
    digest: teachers.map(({ digest, input }) => `${digest}@${input.size}`).join("+"),
    // Each teacher preprocesses the images itself.
    input: { size, mean: [0, 0, 0], std: [1, 1, 1] },
    width: teachers.reduce((sum, { width }) => sum + width, 0),
    tokens,
    parameterCount: teachers.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
    grid,
    features: (images) =>
      tf.tidy(() => {
        const features = teachers.map((teacher) => teacher.features(images));
        const patches = () =>
          features.map(({ patch }, i) => unit(resampleTokens(patch!, teachers[i]!.grid(), grid())));
        // Kinds that not all have must be absent: a compiled network returns a tree of tensors.
        return {
          ...tokens.includes("cls") &&
            { cls: tf.concat<tf.Tensor2D>(features.map(({ cls }) => unit(cls!)), -1) },
          ...tokens.includes("patch") && { patch: tf.concat<tf.Tensor3D>(patches(), -1) },
        };
      }),
    dispose: () => teachers.forEach((teacher) => teacher.dispose()),
  };
}

/** Every token at unit length. */
function unit<T extends tf.Tensor>(tokens: T): T {
  return tf.div(tokens, tf.add(tf.norm(tokens, 2, -1, true), 1e-6));
}
