import { assertEquals, assertStringIncludes } from "@std/assert";
import { packageData, packageImages } from "../../lib/io/package_data.ts";

Deno.test("a clone's data lies beside the code", async () => {
  assertEquals((await Deno.stat(packageData("teachers/manifest.json"))).isFile, true);
});

Deno.test("the environment variable names another folder", () => {
  Deno.env.set("HASHIGO_PACKAGE_DATA", "/somewhere/data");
  try {
    assertEquals(packageData("teachers/").href, "file:///somewhere/data/teachers/");
  } finally {
    Deno.env.delete("HASHIGO_PACKAGE_DATA");
  }
});

Deno.test("images of the package are found from any folder, other paths stay as they are", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  const before = Deno.cwd();
  try {
    Deno.chdir(folder);
    const path = packageImages("data/images/digits.zip");
    assertEquals((await Deno.stat(path)).isFile, true);
    assertEquals(packageImages("data/images/absent.zip"), "data/images/absent.zip");
    assertEquals(packageImages("images.zip"), "images.zip");
    await Deno.mkdir("data/images", { recursive: true });
    await Deno.writeTextFile("data/images/digits.zip", "");
    assertEquals(packageImages("data/images/digits.zip"), "data/images/digits.zip");
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("code without data beside it names the variable", async () => {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  try {
    await Deno.mkdir(`${folder}/lib/io`, { recursive: true });
    await Deno.mkdir(`${folder}/lib/errors`);
    for (const path of ["lib/io/package_data.ts", "lib/errors/user_error.ts"]) {
      await Deno.copyFile(new URL(`../../${path}`, import.meta.url), `${folder}/${path}`);
    }
    const program =
      `import { packageData } from "./lib/io/package_data.ts"; packageData("teachers/");`;
    await Deno.writeTextFile(`${folder}/main.ts`, program);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--allow-all", "--no-config", `${folder}/main.ts`],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 1);
    assertStringIncludes(
      new TextDecoder().decode(stderr),
      "set HASHIGO_PACKAGE_DATA to the folder",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
