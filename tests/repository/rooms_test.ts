/** Imports point downwards only (docs/design.md, section 3), and only lib/engine touches FFI. */
import { assertEquals } from "@std/assert";

/** Rooms from the top of the house to the cellar; a room may import from those below it. */
const floors: readonly (readonly string[])[] = [
  ["recipes", "lib/tasks"],
  ["lib/view", "lib/export"],
  ["lib/distill"],
  ["lib/student", "lib/teachers", "lib/images", "lib/feature_cache", "lib/metrics"],
  [
    "lib/ladder",
    "lib/top_projector",
    "lib/transformer_projector",
    "lib/projector",
    "lib/standardizer",
    "lib/losses",
    "lib/fit_statistics",
    "lib/phi_s",
    "lib/hadamard",
    "lib/teacher_drop",
    "lib/balancing",
    "lib/optimizer",
    "lib/schedules",
    "lib/weights",
  ],
  ["lib/nn"],
  ["lib/gradient"],
  ["lib/parameters", "lib/random", "lib/half_precision"],
  ["lib/engine"],
  ["lib/atomic_file", "lib/jupyter_kernel"],
  ["lib/user_error"],
];
/** Rooms of one floor that may know one another. */
const neighbours: readonly (readonly [from: string, to: string])[] = [
  ["lib/tasks", "recipes"],
  ["lib/losses", "lib/ladder"],
  ["lib/top_projector", "lib/ladder"],
  ["lib/transformer_projector", "lib/ladder"],
  ["lib/projector", "lib/ladder"],
  ["lib/projector", "lib/top_projector"],
  ["lib/projector", "lib/transformer_projector"],
  ["lib/standardizer", "lib/ladder"],
  ["lib/phi_s", "lib/hadamard"],
  ["lib/phi_s", "lib/standardizer"],
  ["lib/fit_statistics", "lib/ladder"],
  ["lib/fit_statistics", "lib/phi_s"],
  ["lib/fit_statistics", "lib/standardizer"],
  ["lib/balancing", "lib/losses"],
  ["lib/balancing", "lib/teacher_drop"],
];

function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "lib" ? `lib/${second.replace(/\.ts$/, "")}` : first;
}

function floorOf(room: string): number {
  return floors.findIndex((rooms) => rooms.includes(room));
}

async function* sourceFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(`../../${folder}`, import.meta.url))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

function resolve(from: string, specifier: string): string {
  const base = new URL(specifier, `file:///${from}`).pathname;
  return base.slice(1);
}

Deno.test("imports point downwards only", async () => {
  const wrong: string[] = [];
  for (const folder of ["lib", "recipes"]) {
    for await (const path of sourceFiles(folder)) {
      const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
      const room = roomOf(path);
      if (floorOf(room) === -1) wrong.push(`${path}: ${room} has no floor in this test`);
      for (const match of text.matchAll(/^(?:import|export)[^"]*?from "(\.[^"]+)";/gm)) {
        const target = roomOf(resolve(path, match[1] ?? ""));
        if (target === room) continue;
        const allowed = floorOf(target) > floorOf(room) ||
          neighbours.some(([from, to]) => from === room && to === target);
        if (!allowed) wrong.push(`${path} imports ${target}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("only lib/engine touches FFI", async () => {
  const wrong: string[] = [];
  for await (const path of sourceFiles("lib")) {
    if (path.startsWith("lib/engine/")) continue;
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    if (/Deno\.(dlopen|UnsafePointer|UnsafeCallback)/.test(text)) wrong.push(path);
  }
  assertEquals(wrong, []);
});

Deno.test("source files can be read in one sitting", async () => {
  const long: string[] = [];
  for await (const path of sourceFiles("lib")) {
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    const lines = text.split("\n").length;
    if (lines > 300) long.push(`${path}: ${lines} lines`);
  }
  assertEquals(long, []);
});
