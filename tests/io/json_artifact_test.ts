import { assert, assertEquals, assertRejects } from "@std/assert";
import { z } from "zod";
import { UserError } from "../../lib/errors/user_error.ts";
import { jsonArtifact } from "../../lib/io/json_artifact.ts";
import { inTemporaryFolder } from "./temporary_folder_fixture.ts";

const scores = jsonArtifact({
  noun: "a list of scores",
  schema: z.array(z.object({ model: z.string(), score: z.number() })),
  maximumBytes: 200,
  advice: "Measure again with deno task evaluate",
});

const withFile = (test: (path: string) => Promise<void>) =>
  inTemporaryFolder((folder) => test(`${folder}/scores.json`));

async function refusal(path: string): Promise<UserError> {
  const error = await assertRejects(() => scores.read(path), UserError);
  for (const part of [path, "a list of scores", "Measure again with deno task evaluate"]) {
    assert(error.message.includes(part), `"${error.message}" names ${part}`);
  }
  return error;
}

Deno.test("a value is written as indented JSON and read again", () =>
  withFile(async (path) => {
    await scores.write(path, [{ model: "student", score: 1.5 }]);
    assertEquals(
      await Deno.readTextFile(path),
      '[\n  {\n    "model": "student",\n    "score": 1.5\n  }\n]\n',
    );
    assertEquals(await scores.read(path), [{ model: "student", score: 1.5 }]);
  }));

Deno.test("indentation and a replacer shape the file", () =>
  withFile(async (path) => {
    const numbers = jsonArtifact({
      noun: "numbers",
      schema: z.array(z.unknown()),
      advice: "None",
      indent: 0,
      replacer: (_, value) => Number.isNaN(value) ? "NaN" : value,
    });
    await numbers.write(path, [1, NaN]);
    assertEquals(await Deno.readTextFile(path), '[1,"NaN"]\n');
  }));

Deno.test("an absent file is undefined", () =>
  withFile(async (path) => assertEquals(await scores.read(path), undefined)));

Deno.test("a file too large, of another form or not JSON is refused with the next step", () =>
  withFile(async (path) => {
    await Deno.writeTextFile(path, `[${" ".repeat(300)}]`);
    assert((await refusal(path)).message.includes("found 302 bytes"));
    await Deno.writeTextFile(path, "[");
    assert((await refusal(path)).message.includes("found no JSON"));
    await Deno.writeTextFile(path, '[{ "model": "student", "score": "high" }]');
    assert((await refusal(path)).message.includes("found another form (0.score: "));
    await Deno.writeTextFile(path, "{}");
    assert((await refusal(path)).cause instanceof z.ZodError);
  }));

Deno.test("a folder in place of the file is refused", () =>
  withFile(async (path) => {
    await Deno.mkdir(path);
    await refusal(path);
  }));
