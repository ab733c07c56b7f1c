/** Run by library_test.ts as a process of its own: fetches the fake TensorFlow and reports it. */
import { locateTensorFlow } from "../../../lib/engine/install/library.ts";
import { fakeHost, playPip, writeFakeWheel } from "./fake_installation_fixture.ts";

const [cache = "", wheel = "", log = "", pause = ""] = Deno.args;
const build = await writeFakeWheel(`${wheel}-${Deno.pid}`);
const pip = playPip(`${wheel}-${Deno.pid}`);
const host = fakeHost(cache, async (command) => {
  if (command.includes("download")) {
    await Deno.writeTextFile(log, "downloaded\n", { append: true });
    await new Promise((resolve) => setTimeout(resolve, 300)); // Long enough for the other one.
  }
  return await pip(command);
});
const onProgress = (event: { stage: string; done: number }) => {
  if (pause !== "pause" || !event.stage.startsWith("Unpacking") || event.done < 1_500_000) return;
  console.log("half-way");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
};
const { source } = await locateTensorFlow({ host: { ...host, onProgress }, build });
console.log(source);
