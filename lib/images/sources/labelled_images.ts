import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import { labelsFromTable } from "./apply_labels.ts";
import { countKinds, type Dataset, expectedEndings, type PassedFile } from "./dataset.ts";
import { type LabelTables, tableSplits } from "./label_table.ts";
import { compareNames, quotedList } from "./names.ts";
import type { LabelledImages } from "./labels.ts";
import { filesOfPart, type PartFiles } from "./part_files.ts";
import type { Part } from "./parts.ts";
import { levelsBelow } from "./splits.ts";
import { describeRead, plural, similarNames } from "./summary.ts";

/**
 * Images without labels, for distilling: those in a folder count as of one kind, so that a limit
 * spreads over folders, and loose ones as of another.
 */
export function unlabelledImages(
  dataset: Dataset,
  part: Part,
  remarks: readonly string[] = [],
): LabelledImages {
  const { images, passed, description } = filesOfPart(dataset, part);
  if (images.length === 0) throw nothing(description, passed);
  return fromFolders(images, {
    ...{ passed, names: images.map(({ name }) => name) },
    remarks: [...remarks, ...dataset.source.remarks ?? []],
  });
}

/**
 * Labels images by a table beside or above them that names them, else by their outermost folders:
 * `[SPLIT/]CLASS/…/NAME.png`. Images that lie in no folder are one class, named "".
 *
 * @throws {UserError} Where a table cannot be used, a class holds no image that can be read, or images
 *   lie beside class folders.
 */
export async function labelledImages(
  dataset: Dataset,
  part: Part,
  tables: LabelTables,
): Promise<LabelledImages> {
  const files = filesOfPart(dataset, part);
  if (files.images.length === 0) throw nothing(files.description, files.passed);
  const remarks = dataset.source.remarks ?? [];
  const byTable = await labelsByTable(dataset, part, { files, tables });
  if (byTable !== undefined) return byTable;
  refuseEmptyClasses(files);
  const levels = levelsBelow("", files.images.map(({ name }) => name));
  const loose = files.images.find(({ name }) => !name.includes("/"));
  if (loose !== undefined && levels.length > 0) {
    throw new UserError(
      `Cannot tell the class of "${loose.name}" in the ${files.description}: it lies beside the class ` +
        `folders ${quotedList(levels)}. Move it into one of them, or name the classes in a file ` +
        "labels.csv with columns image and label",
    );
  }
  return fromFolders(files.images, {
    passed: files.passed,
    names: files.images.map(({ name }) => name),
    remarks: [...similarNames(levels), ...remarks],
  });
}

async function labelsByTable(
  dataset: Dataset,
  part: Part,
  { files, tables }: { readonly files: PartFiles; readonly tables: LabelTables },
): Promise<LabelledImages | undefined> {
  const { prefix, kind, table } = part;
  const above = table === undefined ? await tables.above(prefix) : [table];
  const named = kind === undefined ? undefined : tableSplits(above).get(kind);
  const labelled = (named === undefined ? above : [named])
    .map((table) => labelsFromTable(dataset, part, { files, table }))
    .filter((result) => result !== undefined);
  if (labelled.length < 2) return labelled[0];
  if (levelsBelow("", files.images.map(({ name }) => name)).length > 1) return undefined;
  throw new UserError(
    `Cannot tell the labels of the ${files.description}: found ${above.length} tables of them, ` +
      `${above.map(({ name }) => quote(name)).join(", ")}. Expected one, or one each for train ` +
      "and test. Move the others away",
  );
}

function fromFolders(
  images: PartFiles["images"],
  read: Parameters<typeof describeRead>[0],
): LabelledImages {
  const classOf = (name: string) => name.slice(0, Math.max(0, name.indexOf("/")));
  const classes = [...new Set(images.map(({ name }) => classOf(name)))].sort(compareNames);
  const places = new Map(classes.map((name, place) => [name, place]));
  return {
    classes,
    images: images.toSorted((a, b) => compareNames(a.name, b.name))
      .map(({ file, name }) => ({ file, name, label: places.get(classOf(name))! })),
    read: describeRead(read),
  };
}

function refuseEmptyClasses({ images, folders, passed, description }: PartFiles): void {
  const filled = new Set(levelsBelow("", images.map(({ name }) => name)));
  const all = levelsBelow("", [
    ...folders.map((name) => `${name}/`),
    ...passed.filter(({ kind }) => kind !== "hidden").map(({ name }) => name),
  ]);
  const empty = all.filter((name) => !filled.has(name));
  if (empty.length === 0) return;
  const found = empty.slice(0, 5).map((name) => {
    const files = passed.filter((file) => file.name.startsWith(`${name}/`));
    return files.length === 0
      ? ""
      : `; in "${name}" ${files.length === 1 ? "is" : "are"} ${
        plural(files.length, "other file")
      }: ` +
        `${countKinds(files)} (${[...new Set(files.map(endings))].slice(0, 5).join(", ")})`;
  });
  const kinds = new Set(passed.map(({ kind }) => kind));
  const masks = kinds.has("mask") || kinds.has(".json");
  throw new UserError(
    `Cannot use ${description}: ${quotedList(empty)} ${empty.length === 1 ? "holds" : "hold"} no ` +
      `image that can be read${found.join("")}. Expected at least one in every class. Remove the ` +
      `folder, or add ${expectedEndings()} files to it` +
      (masks
        ? ". Masks and COCO annotations are measured by a manifest NAME.dense.json: see docs/own_data.md"
        : ""),
  );
}

function endings({ name }: PassedFile): string {
  const base = name.slice(name.lastIndexOf("/") + 1), dot = base.lastIndexOf(".");
  return dot === -1 ? base : base.slice(dot);
}

function nothing(description: string, passed: readonly PassedFile[]): UserError {
  return new UserError(
    `Cannot find images in the ${description}: found ${plural(passed.length, "other file")}` +
      `${passed.length === 0 ? "" : ` (${countKinds(passed)})`}. Expected ${expectedEndings()} ` +
      "files there. Check the path and the split, or convert the images",
  );
}
