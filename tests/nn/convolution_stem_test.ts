import type * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import {
  convolutionStem,
  initConvolutionStem,
  stemChannels,
} from "../../lib/nn/convolution_stem.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("convolutionStem equals PyTorch's, with its gradients", () => {
  const config = { patchSize: 4, width: 8 };
  const start = { stem: initConvolutionStem(config, randomStream(0)) };
  const { convolution_stem } = golden<{ convolution_stem: GoldenCase }>("nn/nn");
  assertCase(
    convolution_stem,
    start,
    [1, 8, 8, 3],
    ({ stem }, x) => convolutionStem(stem, x as tf.Tensor4D),
  );
});

Deno.test("stemChannels refuses sizes that cannot be halved", () => {
  assertEquals(stemChannels({ patchSize: 8, width: 96 }), [24, 48, 96]);
  assertThrows(
    () => stemChannels({ patchSize: 14, width: 192 }),
    UserError,
    "patches of 14 pixels",
  );
  assertThrows(() => stemChannels({ patchSize: 16, width: 100 }), UserError, "width 100");
});
