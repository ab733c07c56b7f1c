/** Whether the teachers that a recipe or a command line names can be had, before anything is opened. */
import { suggestion } from "../errors/did_you_mean.ts";
import { UserError } from "../errors/user_error.ts";
import { checkInputSize } from "./backbone.ts";
import type { BackboneSpec } from "./backbone_spec.ts";
import { familyNamed } from "./family_names.ts";
import { type CheckpointSource, parseCheckpointSource, parseModelName } from "./model_name.ts";
import { studentFamily } from "./student_file.ts";
import { zoo } from "./zoo/entries.ts";
import type { ZooEntry } from "./zoo/manifest.ts";

/**
 * Refuses a teacher that cannot be opened, as far as that is known without reading its weights: no such
 * name, family or file, or an input size that its network cannot take.
 *
 * @throws {UserError} with the nearest names
 *
 * @example
 * ```ts
 * import { checkBackbone } from "./check_backbone.ts";
 * await checkBackbone({ name: "deeplab_v3_voc", inputSize: 97 });
 * const refused = await checkBackbone({ name: "deeplab_v3" }).then(() => "", String);
 * if (!refused.includes("Did you mean deeplab_v3_voc?")) throw new Error("Nearly a name");
 * ```
 */
export async function checkBackbone(
  { name, checkpoint, inputSize }: BackboneSpec,
): Promise<void> {
  if (checkpoint === undefined) {
    checkZooTeacher(name, inputSize);
    return;
  }
  await checkCheckpoint(checkpointSourceOf(name, checkpoint));
}

/**
 * The entry of a teacher of the zoo, with an input size that it can take.
 *
 * @throws {UserError} where there is none of that name, with the nearest names, or it cannot take the size
 */
export function checkZooTeacher(name: string, inputSize?: number): ZooEntry {
  const entry = zoo.find((entry) => entry.name === name);
  if (entry === undefined) throw unknownTeacher(name);
  const { family, stride, input } = entry;
  checkInputSize(name, {
    size: inputSize ?? input.size,
    minimum: stride,
    multiple: family === "vision_transformer" ? stride : 1,
  });
  return entry;
}

/**
 * Family and file of a teacher's `checkpoint`.
 *
 * @throws {UserError} where it does not read `FAMILY:FILE`
 */
export function checkpointSourceOf(name: string, checkpoint: string): CheckpointSource {
  const source = parseCheckpointSource(checkpoint);
  if (source !== undefined) return source;
  throw new UserError(
    `Cannot load the teacher "${name}" from "${checkpoint}": expected FAMILY:FILE, such as ` +
      "dino:my.pth. See docs/teachers.md",
  );
}

/**
 * Refuses a checkpoint of no known family, or of a file that is not there.
 *
 * @throws {UserError} which names the families, or the file
 */
export async function checkCheckpoint({ family, path }: CheckpointSource): Promise<void> {
  if (family !== studentFamily) familyNamed(family);
  const info = await Deno.stat(path).catch(() => undefined);
  if (info !== undefined) return;
  throw new UserError(
    `Cannot read the checkpoint "${path}": no such file (looked from ${Deno.cwd()}). Check the path`,
  );
}

function unknownTeacher(name: string): UserError {
  const parsed = parseModelName(name);
  const isSized = parsed.kind === "teacher" && parsed.inputSize !== undefined;
  const advice = isSized && zoo.some((entry) => entry.name === parsed.name)
    ? `In a recipe its input size stands beside the name: { name: "${parsed.name}", inputSize: ` +
      `${parsed.inputSize} }`
    : parsed.kind === "checkpoint"
    ? `A file of weights stands beside a name of your choice: { name: "mine", checkpoint: "${name}" }`
    : `${suggestion(name, zoo.map(({ name }) => name))} ${
      name.startsWith("specialist_")
        ? "Train the specialists with deno task specialists"
        : "See deno task teachers"
    }`.trim();
  return new UserError(
    `Cannot load the teacher "${name}": the zoo holds ${
      zoo.map(({ name }) => name).join(", ")
    }. ${advice}`,
  );
}
