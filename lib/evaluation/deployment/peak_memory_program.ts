/** The process that {@link measurePeakMemory} looks at. */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import { startEngine } from "../../engine/backend.ts";
import { compileNetwork } from "./measure.ts";
import { openModel } from "../models/open_model.ts";

const request = z.object({
  choice: z.object({
    source: z.string(),
    name: z.exactOptional(z.string()),
    heads: z.exactOptional(z.number()),
  }),
  canvas: z.number(),
});

/** Tells that there is something to look at, and waits until it was looked at. */
async function look(): Promise<void> {
  console.log(Deno.pid); // `deno` may be a script that started this process
  await Deno.stdin.read(new Uint8Array(1));
}

const { choice: { source, ...named }, canvas } = request.parse(JSON.parse(Deno.args[0] ?? ""));
await startEngine();
await look();
const { backbone } = await openModel(source, named);
const call = compileNetwork(backbone);
for (let i = 0; i < 5; i++) {
  const pixels = tf.zeros<tf.Rank.R4>([1, canvas, canvas, 3]);
  const output = await call(pixels);
  await output.data();
  tf.dispose([pixels, output]);
}
await look();
