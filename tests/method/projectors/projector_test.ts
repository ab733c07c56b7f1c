/** Top-only and transformer projectors against PyTorch in double precision; tolerance 2e-6. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import {
  countParameters,
  fromNamedTensors,
  namedTensors,
} from "../../../lib/tensors/parameters.ts";
import {
  countProjector,
  initProjector,
  project,
  type ProjectorConfig,
  type ProjectorParameters,
} from "../../../lib/method/projectors/projector.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { assertClose, fill, filled, golden } from "../../golden_values_fixture.ts";
import "../../pure_backend_fixture.ts";

interface GoldenProjector {
  /** By `teacher.token`. */
  readonly predictions: { [name: string]: string };
  readonly input: string;
  /** The gradient's product with a filled direction, and its norm. */
  readonly parameters: { [name: string]: string };
}

const shape = {
  width: 6,
  depth: 2,
  grid: [2, 2],
  teachers: [
    { name: "a", width: 5, tokens: ["cls", "patch"], grid: [2, 2] },
    { name: "b", width: 4, tokens: ["patch"], grid: [1, 1] },
  ],
} as const;
const configs: [name: string, config: ProjectorConfig][] = [
  ["transformer", { kind: "transformer", ...shape, heads: 2 }],
];
for (const hiddenLayers of [0, 1, 2, 3]) {
  for (const shared of [false, true]) {
    const config = { kind: "top", ...shape, lastHidden: 8, hiddenLayers, shared } as const;
    configs.push([`top ${hiddenLayers}${shared ? " shared" : ""}`, config]);
  }
}

const last = fill<tf.Rank.R3>([3, 5, 6], 7);
const unused = tf.fill<tf.Rank.R3>([3, 5, 6], NaN);

function flat(predictions: ReturnType<typeof project>): [name: string, tensor: tf.Tensor][] {
  return Object.entries(predictions).flatMap(([teacher, tokens]) =>
    Object.entries(tokens).map(([token, x]) => [`${teacher}.${token}`, x] as [string, tf.Tensor])
  );
}

for (const [name, config] of configs) {
  Deno.test(`${name}: predictions and gradients equal PyTorch's`, () => {
    const expected = golden<{ [name: string]: GoldenProjector }>("method/projectors")[name]!;
    const start = filled(initProjector(config, randomStream(0)));
    const named = namedTensors(start);
    const predictions = flat(project(start, [unused, last], config));
    assertEquals(predictions.map(([key]) => key), Object.keys(expected.predictions));
    for (const [key, x] of predictions) assertClose(x, expected.predictions[key]!, 2e-6, key);

    assertEquals(named.map(([key]) => key).sort(), Object.keys(expected.parameters));
    const [toInput, ...gradients] = tf.grads((...tensors) => {
      const rest = named.map(([key], i) => [key, tensors[i + 1]!] as const);
      const parameters = fromNamedTensors(rest) as ProjectorParameters;
      const made = flat(project(parameters, [unused, tensors[0] as tf.Tensor3D], config));
      return tf.addN(made.map(([, x], i) => tf.sum(tf.mul(x, fill(x.shape as [number], 60 + i)))));
    })([last, ...named.map(([, tensor]) => tensor)]);
    assertClose(toInput!, expected.input, 2e-6, "gradient of the tokens");
    const order = named.map(([key]) => key).toSorted();
    named.forEach(([key], i) => {
      const direction = fill(gradients[i]!.shape as [number], 500 + order.indexOf(key));
      const along = tf.sum(tf.mul(gradients[i]!, direction)), norm = tf.norm(gradients[i]!);
      assertClose(tf.stack([along, norm]), expected.parameters[key]!, 5e-6, key);
    });
  });

  Deno.test(`${name}: parameters are as many as counted`, () => {
    const made = countParameters(initProjector(config, randomStream(0)));
    assertEquals(countProjector(config), made);
  });
}

Deno.test("the paper's basic setup has one head of 4,722,432 parameters for a teacher", () => {
  const grid = [14, 14] as const;
  const teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
  const config = { kind: "top", width: 768, depth: 12, grid, teachers, shared: true } as const;
  assertEquals(countProjector(config), 4_722_432);
});

Deno.test("what cannot be built is refused", () => {
  const random = randomStream(0);
  for (const hiddenLayers of [4, -1, 0.5]) {
    const config = { kind: "top", ...shape, hiddenLayers } as const;
    assertThrows(() => initProjector(config, random), UserError, "0 to 3");
  }
  const config = { kind: "transformer", ...shape, heads: 4 } as const;
  assertThrows(() => initProjector(config, random), UserError, "4 heads");
});

Deno.test("a projector predicts the tokens that its teacher has, and no others", () => {
  const teachers = [
    { name: "a", width: 5, tokens: ["cls"], grid: [2, 2] },
    { name: "b", width: 4, tokens: ["patch"], grid: [2, 2] },
  ] as const;
  const kinds = [{ kind: "ladder" }, { kind: "top" }, { kind: "transformer", heads: 2 }] as const;
  for (const kind of kinds) {
    const config: ProjectorConfig = { ...shape, ...kind, teachers };
    const made = project(initProjector(config, randomStream(0)), [last, last], config);
    assertEquals(flat(made).map(([name]) => name), ["a.cls", "b.patch"], kind.kind);
  }
});
