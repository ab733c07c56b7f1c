/** Names of models for tables, such that no two models share one. */
import { resolve } from "node:path";
import { locateStudent } from "../../runs/locate_student.ts";
import { parseModelName } from "../../teachers/model_name.ts";
import { distinctNames, type Nameable, pathNames } from "../distinct_names.ts";
import type { ModelSpec } from "./open_model.ts";

/** A model with the name that tables call it by. */
export interface NamedModelSpec extends ModelSpec {
  /** Of no other model beside it. */
  readonly name: string;
}

/**
 * Names models before any is opened. The name of a run, a file or a teacher is short; where two would
 * have the same, as `a/student.safetensors` and `b/student.safetensors`, or a teacher at two input
 * sizes, they are told apart by path or size. A model that is given twice is one model.
 *
 * @throws {UserError} where a run has no student yet.
 *
 * @example
 * ```ts
 * import { nameModels } from "./name_models.ts";
 * const sources = ["resnet20_cifar10", "resnet20_cifar10@48", "resnet20_cifar10"];
 * const models = await nameModels(sources.map((source) => ({ source })));
 * const names = models.map(({ name }) => name).join();
 * if (names !== "resnet20_cifar10,resnet20_cifar10@48") throw new Error(names);
 * ```
 */
export async function nameModels(specs: readonly ModelSpec[]): Promise<NamedModelSpec[]> {
  const found = new Map<string, { spec: ModelSpec; names: Nameable }>();
  for (const spec of specs) {
    const { names, identity } = await describe(spec);
    const key = JSON.stringify([identity, spec.name, spec.heads]);
    if (!found.has(key)) found.set(key, { spec, names });
  }
  const models = [...found.values()];
  const distinct = distinctNames(models.map(({ names }) => names));
  return models.map(({ spec }, i) => ({ ...spec, name: distinct[i]! }));
}

async function describe(
  { source, name }: ModelSpec,
): Promise<{ names: Nameable; identity: string }> {
  const chosen = name !== undefined;
  const parsed = parseModelName(source);
  if (parsed.kind !== "pixels" && parsed.kind !== "random") {
    // A run folder may have a name of any other kind.
    const student = await locateStudent(source);
    if (student !== undefined) {
      const longer = pathNames(source);
      const names = { name: name ?? student.name, longer, chosen };
      return { names, identity: resolve(student.path) };
    }
  }
  const short = parsed.kind === "random"
    ? "random"
    : parsed.kind === "teacher"
    ? parsed.name
    : source;
  return { names: { name: name ?? short, longer: [source], chosen }, identity: source };
}
