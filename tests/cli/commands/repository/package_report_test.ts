import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  packageProblem,
  packageSize,
  slowTypes,
} from "../../../../lib/cli/commands/repository/package_report.ts";

const list = `Simulating publish of @a/b@0.1.0 with files:
   file:///a/mod.ts (11.50KB)
   file:///a/lib/x.ts (901B)
   file:///a/weights.bin (2MB)
`;

Deno.test("sizes of a package's files are summed", () => {
  const size = packageSize(list);
  assertEquals(size, { files: 3, bytes: 11.5 * 1024 + 901 + 2 * 1024 ** 2 });
  assertEquals(packageProblem(size), undefined);
});

Deno.test("a large package, and an empty list, are problems", () => {
  assertStringIncludes(
    packageProblem({ files: 2, bytes: 21e6 }) ?? "",
    "21.0 MB, expected at most 20",
  );
  assertStringIncludes(packageProblem(packageSize("")) ?? "", "empty");
});

Deno.test("slow types are named, but those that are inferred from schemas", () => {
  const complaint = (path: string) =>
    `error[missing-explicit-type]: missing explicit type in the public API\n   --> ${path}\n    |\n`;
  const output = complaint("/package/lib/nn/mlp.ts:5:7") +
    complaint("/package/lib/evaluation/results.ts:24:7") +
    complaint("/package/mod.ts:3:1") + "warning[x]: y\n --> /package/lib/a.ts:1:1\n";
  assertEquals(slowTypes(output), ["lib/nn/mlp.ts:5:7", "mod.ts:3:1"]);
});
