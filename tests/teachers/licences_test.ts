import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import {
  licenceNamed,
  licenceOf,
  licenceOfImages,
  requireCommercial,
  strictestPart,
} from "../../lib/teachers/licences.ts";
import { convolutionalFamilies } from "../../lib/teachers/convolutional/families.ts";
import { teacherFamilies } from "../../lib/teachers/families/families.ts";
import { zoo } from "../../lib/teachers/zoo/entries.ts";

const parts = (...ids: string[]) => ids.map((id) => ({ name: id, licence: licenceOf(id) }));

Deno.test("every licence of the zoo and of the families is in the table, or none is stated", () => {
  const ids = [
    ...zoo.map(({ licence }) => licence),
    ...Object.values(teacherFamilies).map(({ licence }) => licence),
    ...Object.values(convolutionalFamilies).map(({ licence }) => licence),
  ];
  for (const id of new Set(ids)) {
    assert(id === "NOASSERTION" || licenceOf(id).commercial !== undefined, id);
  }
});

Deno.test("what comes with the package states its licence", () => {
  for (const name of ["digits", "land_use", "chest_xray", "characters"]) {
    assert(licenceOfImages(`data/images/${name}.zip`)?.commercial, name);
  }
  assertEquals(licenceOfImages("/elsewhere/data/images/digits.zip")?.id, "CC-BY-SA-3.0");
  assertEquals(licenceOfImages("digits.zip"), undefined);
});

Deno.test("the strictest is what forbids most, and what nobody knows is stricter still", () => {
  const strictest = (...ids: string[]) => strictestPart(parts(...ids))?.name;
  assertEquals(strictest("own", "MIT"), "MIT");
  assertEquals(strictest("MIT", "Apache-2.0", "BSD-2-Clause"), "Apache-2.0");
  assertEquals(strictest("CC-BY-SA-4.0", "CC-BY-NC-4.0", "MIT"), "CC-BY-NC-4.0");
  assertEquals(strictest("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"), "CC-BY-NC-SA-4.0");
  assertEquals(strictest("CC-BY-NC-SA-4.0", "NOASSERTION", "MIT"), "NOASSERTION");
  assertEquals(strictest("MIT", "Proprietary-1"), "Proprietary-1");
  assertEquals(strictest(), undefined);
});

Deno.test("commercial use is refused by the part that forbids it", () => {
  requireCommercial(parts("own", "MIT", "CC-BY-SA-4.0", "Apache-2.0"));
  const { message } = assertThrows(
    () => requireCommercial(parts("MIT", "CC-BY-NC-4.0", "NOASSERTION")),
    UserError,
  );
  assert(message.includes("CC-BY-NC-4.0: CC BY-NC 4.0, which forbids it"));
  assert(message.includes("NOASSERTION: not stated, so nobody can tell"));
  assert(!message.includes("MIT:"));
});

Deno.test("a licence that is named must be known", () => {
  assertEquals(licenceNamed("own").commercial, true);
  assertThrows(() => licenceNamed("CC-BY-NC"), UserError, "Did you mean");
});
