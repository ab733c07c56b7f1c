import * as tf from "@tensorflow/tfjs";
import { quickGelu } from "../../lib/nn/quick_gelu.ts";
import { assertClose, golden } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("quickGelu equals x sigmoid(1.702 x)", () => {
  const { quick_gelu } = golden<{ quick_gelu: string }>("nn/transformer_options");
  assertClose(quickGelu(tf.linspace(-6, 6, 49)), quick_gelu, 1e-6);
});
