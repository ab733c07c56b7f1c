import { assertEquals, assertRejects } from "@std/assert";
import { pathToFileURL } from "node:url";
import { UserError } from "../../lib/errors/user_error.ts";
import { readVerifiedFile, sha256 } from "../../lib/weights/verified_file.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

// The example of the standard, FIPS 180-4.
const digestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

Deno.test("a file is read where its size and SHA-256 are as expected, else refused", () =>
  inTemporaryFolder(async (folder) => {
    assertEquals(await sha256("abc"), digestOfAbc);
    await Deno.writeTextFile(`${folder}/a`, "abc");
    const read = (file: { bytes?: number; sha256?: string; path?: string }) =>
      readVerifiedFile(
        { path: "a", bytes: 3, sha256: digestOfAbc, ...file },
        new URL(`${pathToFileURL(folder).href}/`),
      );
    assertEquals(await read({}), new TextEncoder().encode("abc"));
    await assertRejects(() => read({ bytes: 4 }), UserError, "found 3 bytes, expected 4");
    await assertRejects(
      () => read({ sha256: digestOfAbc.replace("b", "c") }),
      UserError,
      "SHA-256",
    );
    await assertRejects(() => read({ path: "b" }), UserError, "there is no such file");
  }));
