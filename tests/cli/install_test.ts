/** The program as `deno install --global` makes it from a clone, in a folder without a project. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import configuration from "../../deno.json" with { type: "json" };
import importMap from "../../vendor/import_map.json" with { type: "json" };

const root = fileURLToPath(new URL("../..", import.meta.url));

const recipe = (module: string) => `
  import { defineRecipe } from "${module}";
  export default defineRecipe({
    name: "outside",
    images: { sources: [{ path: "data/images/digits.zip", split: "train", limit: 32 }], size: 32 },
    teachers: ["specialist_digits"],
    student: { width: 48, depth: 2, heads: 3, patchSize: 8 },
    optimization: { batchSize: 16, steps: 2, learningRate: 1e-3 },
  });
`;

async function run(command: string, args: string[], cwd: string) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1", INIT_CWD: "" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test({
  name: "installed from a clone, the program runs recipes and finds data from any folder",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "hashigo" });
    try {
      const install = await run(Deno.execPath(), [
        ...["install", "--global", "--quiet", "--allow-all", "--root", `${folder}/installed`],
        ...["--import-map", "vendor/import_map.json", "--name", "hashigo", "lib/cli/main.ts"],
      ], root);
      assertEquals(install.code, 0, install.err);
      const hashigo = (...args: string[]) => run(`${folder}/installed/bin/hashigo`, args, folder);

      const teachers = await hashigo("teachers");
      assertEquals(teachers.code, 0, teachers.err);
      assertStringIncludes(teachers.out, "specialist_digits");
      assertStringIncludes((await hashigo()).out, "Usage: hashigo COMMAND");

      await Deno.writeTextFile(`${folder}/recipe.ts`, recipe("@hashigo/hashigo"));
      const distilled = await hashigo("distill", "recipe.ts");
      assertEquals(distilled.code, 0, distilled.err);
      assert((await Deno.stat(`${folder}/runs/outside/report.html`)).isFile);

      await Deno.writeTextFile(`${folder}/unknown.ts`, recipe("@hashigo/other"));
      const unknown = await hashigo("distill", "unknown.ts");
      assertEquals(unknown.code, 2, unknown.err);
      assertStringIncludes(unknown.err, '"@hashigo/other"');
      assertStringIncludes(unknown.err, "npm:NAME");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the import map of the installation names the entry points and packages of deno.json", () => {
  const imports: Record<string, string> = importMap.imports;
  for (const [entry, path] of Object.entries(configuration.exports)) {
    assertEquals(imports[`${configuration.name}${entry.slice(1)}`], `.${path}`);
  }
  for (const [name, target] of Object.entries(configuration.imports)) {
    // The standard library's stand-ins are named file by file.
    if (target.startsWith("jsr:")) assert(Object.keys(imports).some((key) => key.startsWith(name)));
    else assertEquals(imports[name], target);
  }
});
