/**
 * A reference-style checkpoint as a tree: the model, running statistics of the teachers' features, and the
 * epoch.
 *
 * @module
 */
import type { FloatTensor } from "../weights/host_tensor.ts";
import { type TensorMap, unfit } from "./named_tensors.ts";
import { type LadderStudentConfig, toUnicNames } from "./unic_names.ts";

/** By teacher and token type, `[1, width]` for CLS and `[1, 1, width]` for patches. */
export type UnicStatistics = {
  readonly [teacher: string]: {
    readonly [token: string]: { readonly mean: FloatTensor; readonly std: FloatTensor };
  };
};

/** A checkpoint as a tree, for formats with nested dictionaries. */
export type UnicCheckpoint = {
  /** Encoder and heads, all names with `module.` in front. */
  readonly model: { readonly [name: string]: FloatTensor };
  /** Running statistics. */
  readonly teacher_ft_stats: UnicStatistics;
  /** Epochs done. */
  readonly epoch: number;
};

const statisticName = /^statistics\.([^.]+)\.(cls|patch)\.(mean|std)$/;

/**
 * The state of a run as the tree of a reference-style checkpoint. The optimiser's moments and the
 * reference's arguments are not part of it: it is for using a student, not for continuing its training.
 *
 * @param state Tensors of a checkpoint of a run: `encoder.…`, `ladder.…`, `statistics.…`.
 * @throws {UserError} Where the student is no plain transformer with a ladder, or the statistics
 *   hold a rotation (`phi_s`), which the reference does not know.
 *
 * @example
 * ```ts
 * import { unicCheckpoint } from "./unic_checkpoint.ts";
 * let refused = "";
 * try {
 *   const encoder = { imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 2 };
 *   const ladder = { width: 8, depth: 1, grid: [2, 2] as const, teachers: [] };
 *   unicCheckpoint(new Map(), { encoder, ladder }, { epoch: 0 });
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes('"cls"')) throw new Error("Expected the first missing tensor");
 * ```
 */
export function unicCheckpoint(
  state: TensorMap,
  config: LadderStudentConfig,
  options: { readonly epoch: number },
): UnicCheckpoint {
  return {
    model: Object.fromEntries(toUnicNames(state, config)),
    teacher_ft_stats: toUnicStatistics(state),
    epoch: options.epoch,
  };
}

/**
 * `statistics.TEACHER.TYPE.mean [width]` as `[TEACHER][TYPE].mean`, and so `std`.
 *
 * @param state All other tensors are left alone.
 * @throws {UserError} Where mean or deviation is missing, or there is a rotation.
 *
 * @example
 * ```ts
 * import { toUnicStatistics } from "./unic_checkpoint.ts";
 * const vector = { shape: [2], data: Float32Array.of(1, 2) };
 * const statistics = toUnicStatistics(new Map([
 *   ["statistics.dino.patch.mean", vector], ["statistics.dino.patch.std", vector],
 * ]));
 * if (statistics.dino?.patch?.mean.shape.join() !== "1,1,2") throw new Error();
 * ```
 */
export function toUnicStatistics(state: TensorMap): UnicStatistics {
  // Maps, since the name of a teacher may be that of a method of objects.
  const statistics = new Map<string, Map<string, UnicStatistics[string][string]>>();
  for (const name of state.keys()) {
    if (!name.startsWith("statistics.")) continue;
    const [, teacher = "", token = "", kind] = statisticName.exec(name) ?? [];
    if (kind === undefined) throw unfit("the statistics", `"${name}", expected only mean and std`);
    const prefix = `statistics.${teacher}.${token}`;
    const row = (kind: "mean" | "std"): FloatTensor => {
      const tensor = state.get(`${prefix}.${kind}`);
      if (tensor === undefined) {
        throw unfit("the statistics", `no "${prefix}.${kind}", expected one`);
      }
      const { shape, data } = tensor;
      return { shape: token === "cls" ? [1, ...shape] : [1, 1, ...shape], data };
    };
    const tokens = statistics.get(teacher) ?? new Map();
    statistics.set(teacher, tokens.set(token, { mean: row("mean"), std: row("std") }));
  }
  return Object.fromEntries(
    [...statistics].map(([teacher, tokens]) => [teacher, Object.fromEntries(tokens)]),
  );
}

/**
 * The inverse of {@linkcode toUnicStatistics}.
 *
 * @throws {UserError} Where mean and deviation are not of one width.
 *
 * @example
 * ```ts
 * import { fromUnicStatistics } from "./unic_checkpoint.ts";
 * const row = { shape: [1, 2], data: Float32Array.of(1, 2) };
 * const state = fromUnicStatistics({ dino: { cls: { mean: row, std: row } } });
 * if (state.get("statistics.dino.cls.std")?.shape.join() !== "2") throw new Error();
 * ```
 */
export function fromUnicStatistics(statistics: UnicStatistics): Map<string, FloatTensor> {
  const state = new Map<string, FloatTensor>();
  for (const [teacher, tokens] of Object.entries(statistics)) {
    for (const [token, { mean, std }] of Object.entries(tokens)) {
      const [width] = mean.shape.slice(-1);
      for (const [kind, { shape, data }] of Object.entries({ mean, std })) {
        const name = `statistics.${teacher}.${token}.${kind}`;
        if (shape.at(-1) !== width || data.length !== width) {
          throw unfit("the statistics", `[${shape}] for "${name}", expected one row`);
        }
        state.set(name, { shape: [width], data });
      }
    }
  }
  return state;
}
