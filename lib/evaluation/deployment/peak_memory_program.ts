/** The process whose memory {@link measurePeakMemory} reads. */
import { z } from "zod";
import { checkpointReadingShape } from "../../teachers/checkpoint_reading.ts";
import { startEngine } from "../../engine/backend.ts";
import { compileNetwork, runNetwork } from "./compile_network.ts";
import { openModel } from "../models/open_model.ts";

const request = z.object({
  spec: z.object({
    source: z.string(),
    name: z.string().optional(),
    ...checkpointReadingShape,
  }),
  canvas: z.number(),
});

/** Announces that its memory can be read, and waits until it was. */
async function pauseForReading(): Promise<void> {
  console.log(Deno.pid); // `deno` may be a script that started this process
  await Deno.stdin.read(new Uint8Array(1));
}

const { spec, canvas } = request.parse(JSON.parse(Deno.args[0] ?? ""));
await startEngine();
await pauseForReading();
const { backbone } = await openModel(spec.source, spec);
const network = compileNetwork(backbone);
for (let i = 0; i < 5; i++) await runNetwork(network, { images: 1, canvas });
await pauseForReading();
