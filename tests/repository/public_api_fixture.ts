/** The public names of the package, as `deno doc --json` finds them behind each entry point of deno.json. */
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** One public name. */
export interface PublicName {
  readonly name: string;
  /** Such as "function", "interface" or "typeAlias". */
  readonly kind: string;
  /** Whether it has a documentation comment. */
  readonly documented: boolean;
}

/** The entry points of the package: name, such as "./method", and file. */
export async function entryPoints(): Promise<[name: string, file: string][]> {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  return Object.entries<string>(exports).map(([name, file]) => [name, file.replace("./", "")]);
}

/** The public names of one entry point, and the comment of its module. */
export async function publicNames(
  file: string,
): Promise<{ names: PublicName[]; description: string }> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", file],
    cwd: fileURLToPath(root),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { nodes }: { nodes: Record<string, DocumentedModule> } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const [module] = Object.values(nodes);
  const names = (module?.symbols ?? []).map(({ name, declarations }) => ({
    name,
    kind: declarations[0]?.kind ?? "",
    documented: declarations.some(({ jsDoc }) => (jsDoc?.doc ?? "").trim() !== ""),
  }));
  return { names, description: module?.module_doc?.doc ?? "" };
}

interface DocumentedModule {
  readonly module_doc?: { readonly doc?: string };
  readonly symbols: readonly {
    readonly name: string;
    readonly declarations: readonly {
      readonly kind: string;
      readonly jsDoc?: { readonly doc?: string };
    }[];
  }[];
}

/** Kinds of public names by entry point and name, in the order of the alphabet. */
export async function publicApi(): Promise<Record<string, Record<string, string>>> {
  const api: Record<string, Record<string, string>> = {};
  for (const [entry, file] of await entryPoints()) {
    const { names } = await publicNames(file);
    const sorted = names.toSorted((a, b) => a.name < b.name ? -1 : 1);
    api[entry] = Object.fromEntries(sorted.map(({ name, kind }) => [name, kind]));
  }
  return api;
}
