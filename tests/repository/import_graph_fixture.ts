/** The imports of the package as Deno resolves them: static, dynamic, of types, of JSON, for side effects. */
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** One import, by paths from the root of the repository. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

/** Reads `deno info --json` of every file below `folders`. */
export async function importGraph(folders: readonly string[]): Promise<Import[]> {
  const files = (await Promise.all(folders.map(typeScriptFiles))).flat().sort();
  // One entry that names every file: Deno then builds their graph once.
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((path) => `import ${JSON.stringify(new URL(path, root).href)};\n`);
    await Deno.writeTextFile(entry, lines.join(""));
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", fileURLToPath(new URL("deno.json", root)), entry],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const graph: { modules: GraphModule[] } = JSON.parse(new TextDecoder().decode(stdout));
    return graph.modules.flatMap(({ specifier, dependencies = [] }) =>
      dependencies.map(({ code, type }) => ({
        from: pathOf(specifier),
        to: pathOf(code?.specifier ?? type?.specifier ?? ""),
        typeOnly: code?.specifier === undefined,
      }))
    ).filter(({ from, to }) => from !== "" && to !== "");
  } finally {
    await Deno.remove(entry);
  }
}

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** Path from the root of the repository; empty for what lies elsewhere. */
function pathOf(specifier: string): string {
  return specifier.startsWith(root.href) ? specifier.slice(root.href.length) : "";
}

/** Every TypeScript file of a folder, by its path from the root of the repository. */
export async function typeScriptFiles(folder: string): Promise<string[]> {
  if (folder.endsWith(".ts")) return [folder];
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await typeScriptFiles(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths;
}

/** Groups of files that import each other in a circle, each group sorted. */
export function circles(imports: readonly Pick<Import, "from" | "to">[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...targets.get(from) ?? [], to]);
  // Tarjan's strongly connected components.
  const order = new Map<string, number>(), lowest = new Map<string, number>();
  const stack: string[] = [], groups: string[][] = [];
  const visit = (file: string): number => {
    const place = order.size;
    order.set(file, place);
    lowest.set(file, place);
    stack.push(file);
    for (const target of targets.get(file) ?? []) {
      if (target === file) groups.push([file]);
      const reached = !order.has(target)
        ? visit(target)
        : stack.includes(target)
        ? order.get(target)!
        : Infinity;
      lowest.set(file, Math.min(lowest.get(file)!, reached));
    }
    if (lowest.get(file) === place) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) groups.push(group.sort());
    }
    return lowest.get(file)!;
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return groups;
}
