/** Memory of arrays that were freed, which the C library keeps for others. */
import { assert } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";

Deno.test({
  name: "memory that was freed goes back to the system when it is asked to",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const engine = await startEngine();
    const resident = () => Deno.memoryUsage().rss;
    const eightMegabytes = () => new Float32Array(2e6).fill(1);
    // Once one has been freed, the C library keeps those of its size.
    eightMegabytes().buffer.transfer(0);
    const arrays = Array.from({ length: 30 }, eightMegabytes);
    // The last lies above the others, so that they are no end that could be cut off.
    for (const { buffer } of arrays.slice(0, -1)) buffer.transfer(0);
    const kept = resident();
    engine.returnFreedMemory();
    const given = (kept - resident()) / 1e6;
    assert(given > 150, `${given} MB of 232 MB`);
    assert(arrays.at(-1)![0] === 1);
  },
});
