/** A convolutional network learns on tfjs' WebAssembly kernels too, which have no gradients of convolutions. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { smallGradient } from "./gradient_process_fixture.ts";

Deno.test("the gradient on WebAssembly is that of this engine", async () => {
  const script = fileURLToPath(new URL("./gradient_process_fixture.ts", import.meta.url));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script],
    env: { HASHIGO_BACKEND: "wasm" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text.startsWith("{"), new TextDecoder().decode(stderr));
  const there = JSON.parse(text), here = await smallGradient();
  assertEquals(there.by, "products");
  assert(here.gradient.some((value) => Math.abs(value) > 0.01));
  assertEquals(there.gradient.length, here.gradient.length);
  here.gradient.forEach((value, i) => assertAlmostEquals(there.gradient[i], value, 1e-5));
});
