/** The rooms of the house (docs/design.md): which may import which, how large they are, which are pure. */
import { assert, assertEquals } from "@std/assert";
import { circles, type Import, importGraph, typeScriptFiles } from "./import_graph_fixture.ts";

/** Rooms from the top of the house to its cellar. A file imports from its own room and from rooms below. */
const floors: readonly (readonly string[])[] = [
  ["notebooks"],
  ["lib/bench"],
  ["lib/cli"],
  ["recipes"],
  ["mod.ts"],
  ["lib/report"],
  ["lib/advice"],
  ["lib/experiments"],
  ["lib/compression"],
  ["lib/export"],
  ["lib/inference"],
  ["lib/training", "lib/evaluation"],
  ["lib/tracking"],
  ["lib/runs"],
  ["lib/recipe"],
  ["lib/teachers"],
  ["lib/method"],
  ["lib/world", "lib/metrics"],
  ["lib/images", "lib/augmentation", "lib/weights", "lib/nn"],
  ["lib/tensors"],
  ["lib/engine"],
  ["lib/io", "lib/process"],
  ["lib/errors"],
  ["data", "deno.json", "vendor"],
];

/** Imports against that order, at most five, each with its reason. */
const exceptions: readonly { readonly from: string; readonly to: string; readonly why: string }[] =
  [
    {
      from: "lib/cli/main.ts",
      to: "lib/bench",
      why:
        "the program lists every command, and benches are commands that use the frame of commands",
    },
  ];

/** Rooms that compute and touch nothing: no files, no clock, no process. */
const pure = ["lib/method", "lib/nn", "lib/tensors", "lib/metrics"];

const sources = ["lib", "recipes", "mod.ts"];
const graph = await importGraph(sources);
const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "lib" ? `lib/${second}` : first;
}

function floorOf(path: string): number {
  return floors.findIndex((rooms) => rooms.includes(roomOf(path)));
}

function isException({ from, to }: Import): boolean {
  return exceptions.some((exception) => from === exception.from && roomOf(to) === exception.to);
}

Deno.test("a file imports only from its own room and from rooms below", () => {
  const wrong = graph
    .filter(({ from, to }) => roomOf(from) !== roomOf(to) && floorOf(to) <= floorOf(from))
    .filter((edge) => !isException(edge))
    .map(({ from, to }) => `${from} imports ${to}`);
  assertEquals(wrong, []);
});

Deno.test("every room has its floor, and every floor a room", async () => {
  const rooms = new Set((await files()).map(roomOf));
  assertEquals([...rooms].filter((room) => !floors.flat().includes(room)), []);
  const above = floors.flat().filter((room) => room.startsWith("lib/") && !rooms.has(room));
  assertEquals(above, []);
});

Deno.test("at most five exceptions to the order, each of them in use", () => {
  assert(exceptions.length <= 5, `found ${exceptions.length}`);
  for (const exception of exceptions) {
    const used = graph.some((edge) => isException(edge) && edge.from === exception.from);
    assert(used, `${exception.from} no longer imports ${exception.to}: delete the exception`);
  }
});

Deno.test("no files import each other in a circle", () => {
  assertEquals(circles(graph), []);
});

Deno.test("the rooms within a room have an order too: none know each other in a circle", () => {
  const inner = (path: string) => path.split("/").slice(0, -1).slice(0, 3).join("/");
  const between = graph
    .filter(({ from, to }) => roomOf(from) === roomOf(to))
    .map(({ from, to }) => ({ from: inner(from), to: inner(to) }))
    // Files of the room itself stand above and below its inner rooms.
    .filter(({ from, to }) =>
      from !== to && [from, to].every((room) => room.split("/").length > 2)
    );
  assertEquals(circles(between), []);
});

Deno.test("the graph sees JSON, dynamic and side-effect imports, and imports of types", () => {
  const sees = (from: string, to: string) =>
    assert(graph.some((edge) => edge.from === from && edge.to === to), `${from} -> ${to}`);
  sees("lib/runs/provenance.ts", "deno.json");
  sees("lib/engine/tfjs/tensorflow.ts", "lib/engine/tfjs/node_compatibility.ts");
  sees("lib/cli/main.ts", "lib/cli/commands/distill.ts");
  sees("lib/method/step.ts", "lib/method/tokens.ts");
});

Deno.test("circles are found, however long", () => {
  const edges = ["a b", "b c", "c d", "d b", "d e"].map((edge) => edge.split(" "))
    .map(([from = "", to = ""]) => ({ from, to }));
  assertEquals(circles(edges), [["b", "c", "d"]]);
  assertEquals(circles(edges.filter(({ from }) => from !== "d")), []);
});

Deno.test("no folder of the repository holds more than 25 files, and the root of lib none", async () => {
  const counts = new Map<string, number>();
  for (const path of await trackedFiles()) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  assert(counts.size > 100, "all files are seen");
  assertEquals(counts.get("lib"), undefined);
  assertEquals([...counts].filter(([, count]) => count > 25), []);
});

Deno.test("method, nn, tensors and metrics name neither Deno nor Node's files", async () => {
  const wrong: string[] = [];
  for (const path of await files()) {
    if (!pure.includes(roomOf(path))) continue;
    if (/\bDeno\b|node:(fs|process|child_process|os)/.test(await read(path))) wrong.push(path);
  }
  assertEquals(wrong, []);
});

Deno.test("only the engine touches foreign functions", async () => {
  const wrong: string[] = [];
  for (const path of await files()) {
    if (roomOf(path) === "lib/engine") continue;
    if (/Deno\.(dlopen|Unsafe)/.test(await read(path))) wrong.push(path);
  }
  assertEquals(wrong, []);
});

Deno.test("recipes, notebooks and pages import the package by its name", async () => {
  const wrong: string[] = [];
  const check = (path: string, text: string) => {
    for (
      const [line] of text.matchAll(
        /(?:from|import)\s*\(?\s*\\?"\.\.?\/[^"]*\b(?:lib\/|mod\.ts)[^"]*"/g,
      )
    ) {
      wrong.push(`${path}: ${line}`);
    }
  };
  for (const path of await typeScriptFiles("recipes")) check(path, await read(path));
  for (const [folder, ending] of [["notebooks", ".ipynb"], ["docs", ".md"]] as const) {
    for (const { name } of Deno.readDirSync(new URL(`../../${folder}`, import.meta.url))) {
      if (name.endsWith(ending)) check(`${folder}/${name}`, await read(`${folder}/${name}`));
    }
  }
  check("README.md", await read("README.md"));
  assertEquals(wrong, []);
});

Deno.test("tests lie in the rooms that they test, and fixtures are named so", async () => {
  const rooms = new Set((await files()).map((path) => path.slice(0, path.lastIndexOf("/"))));
  const others = [
    "tests",
    "tests/repository",
    "tests/notebooks",
    "tests/engine/kernels",
  ];
  const wrong: string[] = [];
  for (const path of await typeScriptFiles("tests")) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const isGolden = folder.startsWith("tests/golden/");
    const known = rooms.has(folder.replace("tests", "lib")) || others.includes(folder) ||
      isGolden ||
      [...rooms].some((room) => room.startsWith(`${folder.replace("tests", "lib")}/`));
    if (!known) wrong.push(`${path} lies in no room`);
    if (!/_(test|fixture)\.ts$/.test(path) && !isGolden) {
      wrong.push(`${path} is named neither _test.ts nor _fixture.ts`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("source files are read in one sitting", async () => {
  const long: string[] = [];
  for (const path of await files()) {
    const lines = (await read(path)).split("\n").length;
    if (lines > 300) long.push(`${path}: ${lines} lines`);
  }
  assertEquals(long, []);
});

/** All files that git keeps, of whatever kind. */
async function trackedFiles(): Promise<string[]> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z"],
    cwd: new URL("../..", import.meta.url),
  }).output();
  return new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
}

async function files(): Promise<string[]> {
  return await typeScriptFiles("lib");
}
