import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import {
  countLadder,
  initLadder,
  ladder,
  type LadderConfig,
  type LadderParameters,
} from "../../../lib/method/projectors/ladder.ts";
import { mlp } from "../../../lib/nn/mlp.ts";
import {
  countParameters,
  fromNamedTensors,
  namedTensors,
} from "../../../lib/tensors/parameters.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { assertClose, fill, filled, golden } from "../../golden_values_fixture.ts";
import "../../pure_backend_fixture.ts";

/** Teachers of other widths, one with a coarser, one with a finer grid, two without a token type. */
const config: LadderConfig = {
  width: 4,
  depth: 3,
  grid: [4, 4],
  hidden: 5,
  lastHidden: 6,
  teachers: [
    { name: "a", width: 3, tokens: ["cls", "patch"], grid: [4, 4] },
    { name: "b", width: 5, tokens: ["patch"], grid: [2, 2] },
    { name: "c", width: 2, tokens: ["cls"], grid: [1, 1] },
    { name: "d", width: 4, tokens: ["patch"], grid: [8, 8] },
  ],
};
const blockOutputs = [80, 81, 82].map((seed) => fill<tf.Rank.R3>([2, 17, 4], seed));

interface GoldenLadder {
  readonly predictions: { [teacher: string]: { [token: string]: string } };
  readonly blocks: (string | null)[];
  readonly parameters: { [name: string]: string };
}

for (const [which, blocks] of [["all", [0, 1, 2]], ["some", [0, 1]]] as const) {
  Deno.test(`the ladder of ${which} blocks equals PyTorch's sum of heads (items 25, 26, 63)`, () => {
    const expected = golden<{ [which: string]: GoldenLadder }>("method/ladder")[which]!;
    const chosen = { ...config, blocks };
    const start = filled(initLadder(chosen, randomStream(0))), named = namedTensors(start);
    const predictions = ladder(start, blockOutputs, chosen);
    for (const [name, tokens] of Object.entries(expected.predictions)) {
      assertEquals(Object.keys(predictions[name]!), Object.keys(tokens));
      for (const token of ["cls", "patch"] as const) {
        if (tokens[token] === undefined) continue;
        assertClose(predictions[name]![token]!, tokens[token], 2e-6, `${name} ${token}`);
      }
    }
    assertEquals(named.map(([name]) => name), Object.keys(expected.parameters).sort());
    const used = blockOutputs.slice(0, blocks.length);
    const gradients = tf.grads((...tensors) => {
      const outputs = [...tensors.slice(0, used.length), ...blockOutputs.slice(used.length)];
      const rest = tensors.slice(used.length);
      const parameters = fromNamedTensors(named.map(([name], i) => [name, rest[i]!] as const));
      const made = ladder(parameters as LadderParameters, outputs as tf.Tensor3D[], chosen);
      let seed = 60;
      const sums = Object.values(made).flatMap(({ cls, patch }) =>
        [cls, patch].filter((x) => x !== undefined).map((x) => x.mul(fill(x.shape, seed++)).sum())
      );
      return tf.addN(sums);
    })([...used, ...named.map(([, tensor]) => tensor)]);
    used.forEach((_, i) => assertClose(gradients[i]!, expected.blocks[i]!, 2e-5, `block ${i}`));
    named.forEach(([name], i) =>
      assertClose(gradients[used.length + i]!, expected.parameters[name]!, 2e-5, name)
    );
  });
}

Deno.test("the ladder by concatenation equals separate two-layer heads (item 25)", () => {
  const p = filled(initLadder(config, randomStream(0)));
  const { cls } = ladder(p, blockOutputs, config).c!;
  // Teacher c is the second of the two with CLS; its heads are cut out of the shared matrices.
  const { weight, bias } = p.cls!.output.c!;
  const heads = [5, 5, 6].map((hidden, block) => {
    const first = p.cls!.hidden[block]!;
    return mlp({
      hidden: {
        weight: tf.slice(first.weight, [0, hidden], [4, hidden]),
        bias: tf.slice(first.bias, hidden, hidden),
      },
      output: {
        weight: tf.slice(weight, [5 * block, 0], [hidden, 2]),
        bias: tf.slice(bias, 2 * block, 2),
      },
    }, tf.slice(blockOutputs[block]!, [0, 0, 0], [2, 1, 4]));
  });
  assertClose(cls!, tf.addN(heads).dataSync(), 1e-6);
});

Deno.test("parameters are counted by shape: the paper's ladders (items 23, 26)", () => {
  const grid = [14, 14] as const, tokens = ["cls", "patch"] as const;
  const teachers = ["dbotft", "deit3", "dino", "ibot"].map((name) => ({
    name,
    width: 768,
    tokens,
    grid,
  }));
  const base = { width: 768, depth: 12, grid };
  assertEquals(countLadder({ ...base, teachers: teachers.slice(0, 1) }), 35_430_912);
  assertEquals(countLadder({ ...base, teachers }), 141_723_648);
  // One head on one block: 768/768/768, and 768/3072/768 on the last.
  const dino = [{ name: "dino", width: 768, tokens: ["cls"] as const, grid }];
  assertEquals(countLadder({ ...base, teachers: dino, blocks: [3] }), 1_181_184);
  assertEquals(countLadder({ ...base, teachers: dino, blocks: [11] }), 4_722_432);
  const large = [1280, 1536].map((width) => ({ name: `${width}`, width, tokens, grid }));
  const count = countLadder({ width: 1024, depth: 24, grid, teachers: large });
  assertEquals(Math.round(count / 1e5) / 10, 269.2);
  for (const blocks of [[0, 1, 2], [1]]) {
    const chosen = { ...config, blocks };
    assertEquals(countParameters(initLadder(chosen, randomStream(0))), countLadder(chosen));
  }
});

Deno.test("initial values: deviation 0.02, zero biases, a stream for each matrix", () => {
  const teachers = [{ name: "a", width: 40, tokens: ["cls"] as const, grid: [1, 1] as const }];
  const start = initLadder({ width: 40, depth: 2, grid: [1, 1], teachers }, randomStream(1));
  const weights = namedTensors(start).filter(([name]) => name.endsWith("weight"));
  for (const [name, tensor] of weights) {
    const std = tf.moments(tensor).variance.sqrt().dataSync()[0]!;
    assertEquals(Math.round(std * 1000), 20, name);
  }
  assertEquals(new Set(weights.map(([, tensor]) => tensor.dataSync()[0])).size, weights.length);
  const biases = namedTensors(start).filter(([name]) => name.endsWith("bias"));
  for (const [name, bias] of biases) assertEquals(bias.abs().max().dataSync()[0], 0, name);
});

Deno.test("ladders that cannot be built are refused", () => {
  const refused = (change: Partial<LadderConfig>, message: string) =>
    assertThrows(
      () => initLadder({ ...config, ...change }, randomStream(0)),
      UserError,
      message,
    );
  const [teacher] = config.teachers;
  refused({ teachers: [] }, "there is no teacher");
  refused({ teachers: [{ ...teacher!, name: "v1.0" }] }, 'a teacher is named "v1.0"');
  refused({ teachers: [teacher!, teacher!] }, "teachers share a name (a, a)");
  refused({ teachers: [{ ...teacher!, tokens: [] }] }, "teacher a offers no tokens");
  for (const blocks of [[], [3], [1, 1], [1, 0], [-1]]) refused({ blocks }, "the blocks are [");
});
