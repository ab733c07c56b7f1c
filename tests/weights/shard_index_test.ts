/** Weights that are divided into several files. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { openCheckpoint } from "../../lib/weights/checkpoint_file.ts";
import { encodeSafetensors } from "../../lib/weights/safetensors/safetensors.ts";
import { encodeTorchCheckpoint } from "../../lib/weights/torch/torch_writer.ts";
import { inFolder } from "../images/images_fixture.ts";

const scalar = (value: number) => ({ shape: [1], data: Float32Array.of(value) });

Deno.test("an index opens all of its files", () =>
  inFolder(async (folder) => {
    const write = async (index: unknown) => {
      await Deno.writeTextFile(`${folder}/model.index.json`, JSON.stringify(index));
      return `${folder}/model.index.json`;
    };
    const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.bin"];
    await Deno.writeFile(`${folder}/${first}`, encodeSafetensors(new Map([["net.a", scalar(1)]])));
    await Deno.writeFile(`${folder}/${second}`, encodeTorchCheckpoint({ "net.b": scalar(2) }));
    const path = await write({ metadata: {}, weight_map: { "net.a": first, "net.b": second } });
    {
      using file = await openCheckpoint(path);
      assertEquals([...file.tensors.keys()], ["net.a", "net.b"]);
      assertEquals([file.read("net.a")[0], file.read("net.b")[0], file.source], [1, 2, path]);
    }
    {
      using file = await openCheckpoint(path, { key: "net" });
      assertEquals(file.read("b")[0], 2);
    }
    const faults: [index: unknown, fault: string][] = [
      [{ weight_map: { "net.c": first } }, '"net.c" in its index, but not in'],
      [{ weight_map: { a: "../a.safetensors" } }, 'the file "../a.safetensors" in its index'],
      [{ weight_map: { a: ".." } }, "expected names without folders"],
      [{ weight_map: { a: "/etc/passwd" } }, "expected names without folders"],
      [{ weight_map: { a: "absent.bin" } }, 'absent.bin": no such file'],
      [{ weight_map: {} }, "0 files in its index"],
      [{ weight_map: { a: 3 } }, "a JSON text that begins with"],
    ];
    for (const [index, fault] of faults) {
      const path = await write(index);
      const { message } = await assertRejects(() => openCheckpoint(path), UserError);
      assertStringIncludes(message, fault);
    }
    // Files that were refused are closed again: Deno's test runner fails a test that leaks one.
  }));
