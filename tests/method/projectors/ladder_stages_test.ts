/** The ladder over stages of unlike width and grid, and what of it begins at zero beside a source. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  type HeadGroupParameters,
  initLadder,
  ladder,
  type LadderConfig,
  ladderInputs,
} from "../../../lib/method/projectors/ladder.ts";
import { mlp } from "../../../lib/nn/mlp.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { assertClose, fill, filled } from "../../golden_values_fixture.ts";
import "../../pure_backend_fixture.ts";

const batch = 2;
/** As of a convolutional network: wider and coarser from stage to stage; patches are compared on 4 x 4. */
const config: LadderConfig = {
  ...{ width: 7, depth: 3, grid: [4, 4], hidden: 5, lastHidden: 6 },
  stages: [{ width: 3, grid: [8, 8] }, { width: 4, grid: [4, 4] }, { width: 7, grid: [2, 2] }],
  teachers: [
    { name: "a", width: 3, tokens: ["cls", "patch"], grid: [4, 4] },
    { name: "b", width: 5, tokens: ["patch"], grid: [2, 2] },
    { name: "c", width: 2, tokens: ["cls"], grid: [1, 1] },
  ],
};
const outputs = config.stages!.map(({ width, grid: [rows, columns] }, i) =>
  fill<tf.Rank.R3>([batch, 1 + rows * columns, width], 80 + i)
);

/** Tokens of a stage on another grid, place by place: means of the places inside, or the place around. */
function onGrid(tokens: number[][], from: number, to: number): number[][] {
  return Array.from({ length: to * to }, (_, place) => {
    const [row, column] = [Math.floor(place / to), place % to];
    const inside = (position: number, cell: number) =>
      from >= to
        ? Math.floor(position * to / from) === cell
        : Math.floor(cell * from / to) === position;
    const covered = tokens.filter((_, i) =>
      inside(Math.floor(i / from), row) && inside(i % from, column)
    );
    return tokens[0]!.map((_, channel) =>
      covered.reduce((sum, token) => sum + token[channel]!, 0) / covered.length
    );
  });
}

/** The sum of one perceptron for each stage, each with its own part of the parameters. */
function bySeparateHeads(group: HeadGroupParameters, teacher: number, name: string, grid?: number) {
  const count = Object.keys(group.output).length;
  let row = 0;
  const parts = outputs.map((output, stage) => {
    const { weight, bias } = group.hidden[stage]!, own = weight.shape[1] / count;
    const second = group.output[name]!, width = second.weight.shape[1];
    const tokens = output.arraySync().map((tokens) =>
      grid === undefined
        ? [tokens[0]!]
        : onGrid(tokens.slice(1), config.stages![stage]!.grid[0], grid)
    );
    const { mean, deviation } = group.inputs?.[stage] ?? {};
    const raw = tf.tensor3d(tokens);
    const seen = mean && deviation ? tf.div<tf.Tensor3D>(tf.sub(raw, mean), deviation) : raw;
    const head = {
      hidden: {
        weight: tf.slice2d(weight, [0, teacher * own], [weight.shape[0], own]),
        bias: tf.slice1d(bias, teacher * own, own),
      },
      output: {
        weight: tf.slice2d(second.weight, [row, 0], [own, width]),
        bias: tf.slice1d(second.bias, stage * width, width),
      },
    };
    row += own;
    return mlp(head, seen);
  });
  return tf.addN<tf.Tensor>(parts);
}

for (const standardized of [false, true]) {
  Deno.test(`stages of unlike width and grid are summed head by head${standardized ? ", standardised" : ""}`, () => {
    const own = { ...config, standardized };
    const parameters = filled(initLadder(own, randomStream(0)));
    assertEquals(parameters.cls?.inputs !== undefined, standardized);
    const found = ladder(parameters, outputs, own);
    const expected = {
      "a cls": bySeparateHeads(parameters.cls!, 0, "a"),
      "c cls": bySeparateHeads(parameters.cls!, 1, "c"),
      "a patch": bySeparateHeads(parameters.patch!, 0, "a", 4),
      "b patch": bySeparateHeads(parameters.patch_2x2!, 0, "b", 2),
    };
    for (const [key, sum] of Object.entries(expected)) {
      const [teacher = "", token] = key.split(" ");
      const own = found[teacher]?.[token === "cls" ? "cls" : "patch"];
      assert(own, key);
      assertClose(own, sum.dataSync(), 1e-5, key);
    }
    assertEquals(found.b?.cls, undefined);
  });
}

Deno.test("what a ladder reads has the width of each stage, on the grid of its group", () => {
  const { cls, patch, patch_2x2 } = ladderInputs(outputs, config);
  assertEquals(Object.values(cls!).map(({ shape }) => [...shape]), [[2, 3], [2, 4], [2, 7]]);
  assertEquals(Object.values(patch!).map(({ shape }) => [...shape]), [
    [2, 16, 3],
    [2, 16, 4],
    [2, 16, 7],
  ]);
  assertEquals(Object.values(patch_2x2!).map(({ shape }) => [...shape]), [
    [2, 4, 3],
    [2, 4, 4],
    [2, 4, 7],
  ]);
});

Deno.test("inputs of a fresh ladder are standardised by 0 and 1, which change nothing", () => {
  const raw = initLadder(config, randomStream(3));
  const own = { ...config, standardized: true };
  const standardized = initLadder(own, randomStream(3));
  const [expected, found] = [ladder(raw, outputs, config), ladder(standardized, outputs, own)];
  assertEquals(found.a?.patch?.dataSync(), expected.a?.patch?.dataSync());
});

Deno.test("beside a source its heads begin at zero, those of others below the last stage", () => {
  const own = { ...config, source: "a" };
  const parameters = initLadder(own, randomStream(1));
  const drawn = initLadder(config, randomStream(1));
  for (const [group, { output }] of Object.entries(parameters)) {
    for (const [teacher, { weight }] of Object.entries(output)) {
      const rows = weight.arraySync(), asDrawn = drawn[group]!.output[teacher]!.weight.arraySync();
      const last = teacher === "a" ? 0 : 6;
      assertEquals(rows.length, 5 + 5 + 6);
      assert(rows.slice(0, rows.length - last).flat().every((one) => one === 0), teacher);
      assertEquals(rows.slice(rows.length - last), asDrawn.slice(rows.length - last));
    }
  }
  const { a, c } = ladder(parameters, outputs, own);
  assert(a!.cls!.dataSync().every((one) => one === 0));
  assert(a!.patch!.dataSync().every((one) => one === 0));
  const top = { ...own, blocks: [2] };
  const alone = {
    cls: {
      hidden: { 2: parameters.cls!.hidden[2]! },
      output: Object.fromEntries(
        Object.entries(parameters.cls!.output).map(([name, { weight, bias }]) => {
          const width = weight.shape[1];
          const layer = {
            weight: tf.slice2d(weight, [10, 0], [6, width]),
            bias: tf.slice1d(bias, 0, width),
          };
          return [name, layer];
        }),
      ),
    },
  };
  const teachers = config.teachers.map((teacher) => ({ ...teacher, tokens: ["cls"] as const }))
    .filter(({ name }) => name !== "b");
  assertClose(c!.cls!, ladder(alone, outputs, { ...top, teachers }).c!.cls!.dataSync(), 1e-7);
});
