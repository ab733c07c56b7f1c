import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { UserError } from "../../../lib/errors/user_error.ts";
import { readCosts } from "../../../lib/evaluation/tasks/cost_file.ts";
import { parseCostMatrix } from "../../../lib/metrics/costs/cost_matrix.ts";

const path = fileURLToPath(new URL("../../cases/costs_crlf.csv", import.meta.url));

Deno.test("a table that a spreadsheet saved, lines ending in CRLF, is the same as with LF", async () => {
  const classes = ["cat", "dog"];
  const costs = (await readCosts(path, ["pets"]))(classes);
  assertEquals(costs, parseCostMatrix(",cat,dog\ncat,0,1\ndog,5,0\n", classes, path));
});

Deno.test("costs are of one set, and of its classes", async () => {
  await assertRejects(() => readCosts(path, ["a", "b"]), UserError, "found 2 image sets (a, b)");
  const costs = await readCosts(path, ["pets"]);
  assertThrows(() => costs(["cat", "fox"]), UserError);
});
