/** Run by backend_test.ts in another process: starts an engine and prints it as JSON. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";

try {
  const engine = await startEngine();
  const sum = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
  const before = engine.liveTensors();
  const kept = tf.tidy(() => tf.add(1, 2));
  const held = engine.liveTensors() - before;
  kept.dispose();
  const same = await startEngine() === engine;
  const { backend, version, library, devices, compiles } = engine;
  const other = backend === "wasm" ? "tensorflow" : "wasm";
  const refused = await startEngine({ backend: other }).then(() => false, () => true);
  console.log(JSON.stringify(
    { backend, version, library, devices: devices.length, compiles, sum, held, same, refused },
  ));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.log(JSON.stringify({ error: error.message }));
}
// No Deno.exit: the process has to end well by itself.
