/** Programs outside the clone that import the package, in the ways that docs/programs.md shows. */
import { assertEquals, assertMatch } from "@std/assert";
import { fileURLToPath } from "node:url";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A tiny distillation that also uses a second entry point. */
const distillation = (entry: string, second: string) => `
import { defineRecipe, distill } from ${JSON.stringify(entry)};
import { startEngine } from ${JSON.stringify(second)};
await startEngine();
const recipe = defineRecipe({
  name: "outside",
  images: { sources: [{ path: "data/images/digits.zip", split: "train", limit: 32 }], size: 32 },
  teachers: ["specialist_digits"],
  student: { width: 48, depth: 2, heads: 3, patchSize: 8 },
  optimization: { batchSize: 16, steps: 2, learningRate: 1e-3, warmupSteps: 0 },
});
for await (const { step, loss } of distill(recipe)) console.log(step, loss.toFixed(3));
`;

interface Way {
  /** What a program imports: the front door, and the entry point for the engine. */
  readonly imports: readonly [string, string];
  /** The program's own deno.json. Default: none. */
  readonly configuration?: unknown;
  /** Further arguments of `deno run`. */
  readonly args?: readonly string[];
}

const byName = ["@hashigo/hashigo", "@hashigo/hashigo/engine"] as const;

const ways: { readonly [name: string]: Way } = {
  "by a path and a name, with the clone's configuration": {
    imports: [`${root}/mod.ts`, "@hashigo/hashigo/engine"],
    args: ["--config", `${root}/deno.json`],
  },
  "by its name, linked in a deno.json of its own": {
    imports: byName,
    configuration: {
      links: [root],
      imports: { "@hashigo/hashigo": "jsr:@hashigo/hashigo@^0.1.0" },
    },
  },
  "by its name, with the import map of the clone": {
    imports: byName,
    configuration: { importMap: `${root}/vendor/import_map.json` },
  },
};
for (const [name, { imports, configuration, args = [] }] of Object.entries(ways)) {
  Deno.test({
    name: `a program in an empty folder distils, importing the package ${name}`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inTemporaryFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/mine.ts`, distillation(...imports));
        if (configuration !== undefined) {
          await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(configuration));
        }
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "-q", "--no-lock", ...args, "mine.ts"],
          cwd: folder,
          env: { NO_COLOR: "1" },
        }).output();
        assertEquals(code, 0, new TextDecoder().decode(stderr));
        assertMatch(new TextDecoder().decode(stdout), /^1 \d\.\d{3}\n2 \d\.\d{3}\n$/);
      }),
  });
}
