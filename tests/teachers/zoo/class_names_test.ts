import { assertEquals } from "@std/assert";
import { matchClasses, parseClasses } from "../../../lib/teachers/zoo/class_names.ts";

const classes = parseClasses(
  "n01\ttench, Tinca tinca\r\nn02\tcrane\nn03\tcrane\nn04\tmaillot\nn05\tmaillot, tank suit\n",
);

Deno.test("a line is an id and a name, or a name alone", () => {
  assertEquals(classes[0], { id: "n01", name: "tench, Tinca tinca" });
  assertEquals(parseClasses("cat\ndog"), [{ name: "cat" }, { name: "dog" }]);
});

Deno.test("folders are matched by id, whole name or one of the names; two of a name by none", () => {
  assertEquals(
    matchClasses(["n03", "Tinca_tinca", "crane", "maillot", "tank-suit", "shark"], classes),
    [2, 0, undefined, 3, 4, undefined],
  );
});
