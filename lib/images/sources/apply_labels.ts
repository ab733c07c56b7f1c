/**
 * Labels of a table, given to the images that it names.
 *
 * @module
 */
import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Dataset, PassedFile } from "./dataset.ts";
import type { LabelTable } from "./label_table.ts";
import type { LabelledImages } from "./labels.ts";
import type { PartFiles } from "./part_files.ts";
import { compareNames } from "./names.ts";
import type { Part } from "./parts.ts";
import { describeRead, plural, similarNames } from "./summary.ts";

/**
 * Labels the images that a table names, by path, or by a name or stem that only one image has. The
 * names are only compared, never opened.
 *
 * @returns undefined where it names none of them.
 * @throws {UserError} Where it gives an image two labels.
 */
export function labelsFromTable(
  { source, images: all }: Dataset,
  { prefix }: Part,
  { files, table }: { readonly files: PartFiles; readonly table: LabelTable },
): LabelledImages | undefined {
  const folder = table.name.slice(0, table.name.lastIndexOf("/") + 1);
  const find = finder(files.images.map(({ name }) => prefix + name), folder);
  const elsewhere = finder(all.map(({ name }) => name), folder);
  const labels = new Map<number, string>();
  let absent = 0;
  for (const { image, label } of table.rows) {
    const place = find(image);
    if (place === undefined) {
      if (elsewhere(image) === undefined) absent++;
      continue;
    }
    const other = labels.get(place);
    if (other !== undefined && other !== label) {
      throw twoLabels(files, table, image, [other, label]);
    }
    labels.set(place, label);
  }
  const labelled = files.images.flatMap((image, place) => {
    const label = labels.get(place) ?? "";
    return label === "" ? [] : [{ ...image, label }];
  });
  if (labelled.length === 0) return undefined;
  const classes = [...new Set(labelled.map(({ label }) => label))].sort(compareNames);
  const places = new Map(classes.map((name, place) => [name, place]));
  const without = files.images.filter((_, place) => (labels.get(place) ?? "") === "");
  return {
    classes,
    images: labelled.map((image) => ({ ...image, label: places.get(image.label)! }))
      .sort((a, b) => compareNames(a.name, b.name)),
    read: describeRead({
      names: labelled.map(({ name }) => name),
      passed: [
        ...files.passed.filter(({ name }) => prefix + name !== table.name),
        ...without.map(
          ({ name }): PassedFile => ({ name, kind: "without label", image: true }),
        ),
      ],
      remarks: [
        `labels from ${table.name}`,
        ...absent === 0 ? [] : [`${plural(absent, "row")} of it name no image`],
        ...similarNames(classes),
        ...source.remarks ?? [],
      ],
    }),
  };
}

/** Finds the image that a row means: its place among `names`. */
function finder(names: readonly string[], folder: string): (row: string) => number | undefined {
  const known = new Map<string, number | "several">();
  const add = (key: string, place: number) => {
    const other = known.get(key);
    known.set(key, other === undefined || other === place ? place : "several");
  };
  const whole = new Map(names.map((name, place) => [name, place]));
  names.forEach((name, place) => {
    for (const key of [lastParts(name, 1), lastParts(name, 2)]) {
      add(key, place);
      add(key.replace(/\.[^./]*$/, ""), place);
    }
  });
  return (row) => {
    const place = whole.get(folder + row) ?? whole.get(row) ?? known.get(lastParts(row, 2)) ??
      known.get(lastParts(row, 1));
    return place === "several" ? undefined : place;
  };
}

function lastParts(name: string, count: number): string {
  return name.split("/").slice(-count).join("/");
}

function twoLabels(
  { description }: PartFiles,
  { name }: LabelTable,
  image: string,
  labels: readonly [string, string],
): UserError {
  return new UserError(
    `Cannot use the labels "${name}" of the ${description}: ${quote(image)} has two, ` +
      `${labels.map(quote).join(" and ")}. Expected one for each image. Correct the table`,
  );
}
