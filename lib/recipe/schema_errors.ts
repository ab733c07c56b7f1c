/** Describes zod's issues: what was found, what was expected and what to do. */
import { z } from "zod";
import { suggestion } from "../errors/did_you_mean.ts";

type Issue = z.core.$ZodIssue;
type JsonSchema = z.core.JSONSchema._JSONSchema;

/** What a schema allows at a path: alternatives of a union one by one. */
export function nodesAt(schema: z.ZodType, path: readonly PropertyKey[]): JsonSchema[] {
  let nodes = branches(z.toJSONSchema(schema, { io: "input" }));
  for (const key of path) {
    nodes = nodes.flatMap((node) => belowOf(node, key)).flatMap(branches);
  }
  return nodes;
}

function belowOf(node: JsonSchema, key: PropertyKey): JsonSchema[] {
  if (typeof node !== "object") return [];
  const below = typeof key === "number"
    ? node.items
    : node.properties?.[String(key)] ?? node.additionalProperties;
  if (below === undefined || typeof below === "boolean") return [];
  return Array.isArray(below) ? below : [below];
}

/** Names of the options of a schema below a path; of a union, those of the alternatives that count. */
export function knownOptions(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  counts: (node: JsonSchema) => boolean = () => true,
): string[] {
  const names = nodesAt(schema, path).filter(counts).flatMap((node) =>
    typeof node === "object" ? Object.keys(node.properties ?? {}) : []
  );
  return [...new Set(names)];
}

function branches(node: JsonSchema): JsonSchema[] {
  const alternatives = typeof node === "object" ? node.anyOf ?? node.oneOf : undefined;
  return alternatives?.flatMap(branches) ?? [node];
}

/** Whether a value has every option of an alternative that takes one value only, such as its kind. */
function isOfKind(node: JsonSchema, value: unknown): boolean {
  if (typeof node !== "object" || typeof value !== "object" || value === null) return true;
  return Object.entries(node.properties ?? {}).every(([name, option]) => {
    if (typeof option !== "object" || option.const === undefined) return true;
    const found = (value as { [name: string]: unknown })[name];
    return found === option.const || found === undefined && !node.required?.includes(name);
  });
}

function unknownOption(
  key: string,
  { path, input }: Pick<Issue, "path" | "input">,
  schema: z.ZodType,
): string {
  const known = knownOptions(schema, path, (node) => isOfKind(node, input));
  const near = suggestion(key, known, (name) => `"${name}"`).replace("Did", "did");
  const hint = near || `known here: ${known.join(", ")}`;
  return `unknown option "${[...path, key].join(".")}"; ${hint}`;
}

/** Of a union whose alternatives one option tells apart. */
function unknownKind(option: string, path: readonly PropertyKey[], schema: z.ZodType): string {
  const kinds = nodesAt(schema, path).flatMap((node) => {
    const kind = typeof node === "object" ? node.properties?.[option] : undefined;
    return typeof kind === "object" && kind.const !== undefined ? [`"${kind.const}"`] : [];
  });
  return `"${[...path, option].join(".")}": expected ${kinds.join(" or ")}`;
}

/** One line for each thing that is wrong. */
export function describeIssues(issues: readonly Issue[], schema: z.ZodType): string[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownOption(key, issue, schema));
    }
    const where = issue.path.join(".") || "recipe";
    if (issue.code === "invalid_union" && issue.discriminator !== undefined) {
      return [unknownKind(issue.discriminator, issue.path.slice(0, -1), schema)];
    }
    if (issue.code === "invalid_union") {
      // Where the value is of one alternative's kind, what is wrong inside it is more to the point.
      const inside = issue.errors.filter((errors) =>
        errors.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys")
      );
      if (inside.length === 1) {
        const located = inside[0]!.map((inner) => {
          return { ...inner, path: [...issue.path, ...inner.path] };
        });
        return describeIssues(located, schema);
      }
      const expected = issue.errors.flat().map((inner) =>
        inner.message.replace(/^.*expected /, "")
      );
      return [`"${where}": expected ${[...new Set(expected)].join(" or ")}`];
    }
    return [`"${where}": ${plain(issue.message)}`];
  });
}

/** zod's wording in the house style. */
function plain(message: string): string {
  return message.replace(/^Invalid \w+: /, "")
    .replace(/received undefined$/, "found nothing").replace("received", "found")
    .replaceAll('"|"', '" or "');
}
