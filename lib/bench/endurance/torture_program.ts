/**
 * The process that `torture` kills: a tiny distillation, resumed where there is one. With a number as
 * second argument, it kills itself in the middle of that change of its checkpoints on the disk.
 */
import recipe from "../../../recipes/tiny_test.ts";
import { diskFiles, type Storage } from "../../io/storage.ts";
import { distill } from "../../training/distill.ts";

const [folder = "", boundary = "Infinity"] = Deno.args;
let changes = 0;

/** Between two changes, or half-way through a file. */
async function dieAt(halfway: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  if (++changes !== Number(boundary)) return;
  await halfway();
  Deno.kill(Deno.pid, "SIGKILL");
}

const files: Storage = {
  async makeFolder(path) {
    await dieAt();
    await diskFiles.makeFolder(path);
  },
  async write(path, bytes) {
    await dieAt(() => diskFiles.write(path, bytes.slice(0, bytes.length >> 1)));
    await diskFiles.write(path, bytes);
  },
  async flushFile(path) {
    await dieAt();
    await diskFiles.flushFile(path);
  },
  async flushFolder(path) {
    await dieAt();
    await diskFiles.flushFolder(path);
  },
  async rename(from, to) {
    await dieAt();
    await diskFiles.rename(from, to);
  },
  async remove(path) {
    await dieAt();
    await diskFiles.remove(path);
  },
};

const steps = distill(recipe, { folder, resume: true, files });
let next = await steps.next();
while (!next.done) next = await steps.next();
console.log(JSON.stringify({ digest: next.value.stateDigest, changes }));
