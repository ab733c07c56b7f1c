import * as tf from "@tensorflow/tfjs";
import { gelu } from "../../lib/nn/gelu.ts";
import { assertClose, golden } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("gelu equals PyTorch's exact form, with its gradient", () => {
  const { gelu: expected } = golden<{ gelu: { output: string; gradient: string } }>("nn/nn");
  const x = tf.linspace(-6, 6, 49);
  assertClose(gelu(x), expected.output, 1e-6);
  assertClose(tf.grad((x) => tf.sum(gelu(x)))(x), expected.gradient, 1e-6);
});
