import { initSwiglu, swiglu } from "../../lib/nn/swiglu.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("swiglu equals PyTorch's, with its gradients", () => {
  const start = { swiglu: initSwiglu({ inputs: 4, hidden: 5, outputs: 3 }, randomStream(0)) };
  const { swiglu: expected } = golden<{ swiglu: GoldenCase }>("nn/transformer_options");
  assertCase(expected, start, [2, 3, 4], (p, x) => swiglu(p.swiglu, x));
});
