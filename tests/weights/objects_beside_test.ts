/**
 * Checkpoints in which tests/golden/weights/objects_beside.py put everything that stands beside weights: each
 * object is a name, and no code of the file runs.
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { UserError } from "../../lib/errors/user_error.ts";
import { openCheckpoint } from "../../lib/weights/checkpoint_file.ts";

const pathOf = (name: string) =>
  fileURLToPath(new URL(`../golden/weights/checkpoints/${name}`, import.meta.url));

for (const name of ["beside2.pth", "beside3.pth", "beside4.pth", "beside5.pth", "beside_old.pth"]) {
  Deno.test(`objects beside the weights are inert: ${name}`, async () => {
    using file = await openCheckpoint(pathOf(name));
    assertEquals([...file.tensors.keys()], ["w", "b"]);
    assertEquals([file.read("w"), file.read("b")], [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    const { tensors, objects } = file.everything;
    assertEquals([...tensors.keys()].sort(), [
      "fp8",
      "rng",
      "schedule.optimizer.param_groups.0.params.0",
      "state_dict.b",
      "state_dict.w",
    ]);
    assertEquals(file.everything.read("fp8"), Float32Array.of(1, 1));
    const evil = objects.get("evil");
    assertEquals(evil?.endsWith(".exec"), true, evil);
    for (
      const [key, type] of Object.entries({
        ...{ config: "omegaconf.dictconfig.DictConfig", dataclass: "somebody.trainer.Settings" },
        ...{ path: "pathlib.PosixPath", args: "argparse.Namespace", time: "datetime.datetime" },
        ...{ sparse: "torch._utils._rebuild_sparse_tensor", partial: "functools.partial" },
        ...{ "complex tensor": "torch.ComplexFloatStorage", ordered: "somebody.trainer.Names" },
      })
    ) assertEquals(objects.get(key), type);
    await assertRejects(() => Deno.stat("hashigo_was_here"), Deno.errors.NotFound);
    // Only what is asked for as a tensor is refused.
    const error = await assertRejects(
      () => openCheckpoint(pathOf(name), { key: "evil" }),
      UserError,
    );
    assertStringIncludes(error.message, 'no dictionary under "evil"');
  });
}
