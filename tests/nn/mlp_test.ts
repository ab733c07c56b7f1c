import { initMlp, mlp } from "../../lib/nn/mlp.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("mlp equals PyTorch's, with its gradients", () => {
  const start = { mlp: initMlp({ inputs: 4, hidden: 7, outputs: 3 }, randomStream(0)) };
  const { mlp: expected } = golden<{ mlp: GoldenCase }>("nn/nn");
  assertCase(expected, start, [2, 3, 4], (p, x) => mlp(p.mlp, x));
});
