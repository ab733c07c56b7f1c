/** An analysis as tables for terminals. */
import type { Analysis, AnalysisCurve, PairMatrix } from "../../evaluation/analysis/analysis.ts";
import { decimals } from "../format.ts";
import { textTable } from "./text_table.ts";

/**
 * All results of an analysis, one table below the other, each under a title.
 *
 * @example
 * ```ts ignore
 * console.log(analysisText(await analyseRun("runs/demo")));
 * ```
 */
export function analysisText(analysis: Analysis): string {
  const names = analysis.models.map(([name]) => name);
  const { task, images, errors, joint, components, pruning } = analysis;
  const parts: [title: string, table: string | undefined][] = [
    ["k-NN accuracy, %, and directions in which features vary", modelTable(analysis)],
    [
      "Alignment of layers with the teachers' outputs: debiased linear CKA",
      alignmentTable(analysis),
    ],
    ["k-NN accuracy, %, by principal components kept", curveTable(components, "")],
    ["k-NN accuracy, %, without the smallest weights of every layer", curveTable(pruning, " %")],
    ["Errors in common, % of those of either model", pairTable(names, errors.errorOverlap, 0)],
    ["Points that the features of a column add to those of a row", pairTable(names, joint.gain, 1)],
    ["Teachers' features side by side, k-NN accuracy, %", togetherTable(analysis)],
    ["Plug-and-play: the student before a teacher's own classifier, %", plugTable(analysis)],
  ];
  const tables = parts.flatMap(([title, table]) =>
    table === undefined ? [] : [`${title}\n${table}`]
  );
  return [
    `${task}: ${images.test} test images, ${images.train} train images, k = ${analysis.k}`,
    ...tables,
  ].join("\n\n");
}

function modelTable({ models, errors, spectra }: Analysis): string {
  const rows = models.map(([name], i) => [
    name,
    decimals(errors.accuracy[i], 1),
    decimals(errors.alone[i], 1),
    decimals(spectra[i]?.effectiveRank, 1),
    String(spectra[i]?.width ?? "-"),
  ]);
  const all = ["any of them right", decimals(errors.union, 1), "", "", ""];
  return textTable(["model", "k-NN", "right alone", "effective rank", "width"], [...rows, all]);
}

function alignmentTable({ models, alignment: { layers, values } }: Analysis): string | undefined {
  const teachers = models.filter(([, role]) => role === "teacher").map(([name]) => name);
  const columns = layers.flatMap(({ model }, i) => teachers.includes(model) ? [i] : []);
  if (columns.length === 0) return undefined;
  const nameOf = (i: number) => {
    const { model = "", layer = "" } = layers[i] ?? {};
    return layer === "features" ? model : `${model} ${layer}`;
  };
  return textTable(
    ["layer", ...columns.map(nameOf)],
    layers.map((_, row) => [
      nameOf(row),
      ...columns.map((column) => decimals(values[row]?.[column], 2)),
    ]),
  );
}

function curveTable(
  curves: readonly AnalysisCurve[],
  unit: string,
): string | undefined {
  if (curves.length === 0) return undefined;
  const places = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
  return textTable(
    ["model", ...places.map((place) => `${place}${unit}`)],
    curves.map(({ model, x, accuracy }) => [
      model,
      ...places.map((place) => {
        const at = x.indexOf(place);
        return at < 0 ? "-" : decimals(accuracy[at], 1);
      }),
    ]),
  );
}

function pairTable(names: readonly string[], values: PairMatrix, digits: number): string {
  return textTable(
    ["", ...names],
    names.map((name, row) => [name, ...names.map((_, i) => decimals(values[row]?.[i], digits))]),
  );
}

function togetherTable({ teachersTogether }: Analysis): string | undefined {
  if (teachersTogether === null || teachersTogether.teachers.length < 2) return undefined;
  const { teachers, all, without } = teachersTogether;
  return textTable(["teachers", "k-NN", "the left out one adds"], [
    ["all", decimals(all, 1), ""],
    ...teachers.map((name, i) => {
      const rest = without[i];
      const added = rest === null || rest === undefined ? undefined : all - rest;
      return [`without ${name}`, decimals(rest, 1), decimals(added, 1)];
    }),
  ]);
}

function plugTable({ plugAndPlay }: Analysis): string | undefined {
  if (plugAndPlay.length === 0) return undefined;
  return textTable(
    ["classifier of", "classes", "images", "same answer", "student right", "teacher right"],
    plugAndPlay.map(({ teacher, classes, images, agreement, accuracy }) => [
      teacher,
      String(classes),
      String(images),
      decimals(agreement, 1),
      decimals(accuracy?.student, 1),
      decimals(accuracy?.teacher, 1),
    ]),
  );
}
