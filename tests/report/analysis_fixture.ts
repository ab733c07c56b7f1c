/** An analysis that never was. */
import type { Analysis } from "../../lib/evaluation/analysis/analysis.ts";

/** Of a student of two blocks and the named teachers. */
export function madeUpAnalysis(teachers: readonly string[]): Analysis {
  const names = ["student", ...teachers];
  const square = (size: number, of: (row: number, column: number) => number) =>
    Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, i) => of(row, i)));
  const layers = [
    { model: "student", layer: "block 1, CLS" },
    { model: "student", layer: "block 2, CLS" },
    ...names.map((model) => ({ model, layer: "features" })),
  ];
  const curve = (x: readonly number[], rising: boolean) =>
    names.map((model, i) => ({
      model,
      x,
      accuracy: x.map((_, j) => 90 - 5 * i - 8 * (rising ? x.length - 1 - j : j)),
    }));
  return {
    task: "digits",
    images: { train: 500, test: 500 },
    feature: "cls",
    k: 20,
    models: names.map((name, i) => [name, i === 0 ? "student" : "teacher"]),
    alignment: {
      layers,
      values: square(layers.length, (row, i) => row === i ? 1 : 0.3 + 0.05 * Math.abs(row - i)),
    },
    components: curve([1, 2, 4, 8, 128], true),
    pruning: curve([0, 30, 50, 70, 90], false),
    spectra: names.map((model, i) => ({
      model,
      width: 128,
      effectiveRank: 20 + i,
      shares: Array.from({ length: 128 }, (_, axis) => 1 - Math.exp(-(axis + 1) / (10 + i))),
    })),
    errors: {
      accuracy: names.map((_, i) => 90 - 5 * i),
      union: 97,
      pairUnion: square(names.length, () => 95),
      errorOverlap: square(names.length, (row, i) => row === i ? 100 : 40 + 3 * row),
      gain: square(names.length, () => 5),
      alone: names.map(() => 1),
    },
    joint: {
      pair: square(names.length, () => 90),
      gain: square(names.length, (row, i) => row === i ? 0 : row - i),
    },
    teachersTogether: { teachers, all: 92, without: teachers.map(() => 90) },
    plugAndPlay: [{
      teacher: teachers[0] ?? "",
      images: 500,
      classes: 10,
      agreement: 71.2,
      accuracy: { student: 69.5, teacher: 88.1 },
    }],
    seconds: 10,
  };
}
