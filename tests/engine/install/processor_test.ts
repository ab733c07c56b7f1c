import { assertEquals } from "@std/assert";
import { processorFolder, thisProcessor } from "../../../lib/engine/install/processor.ts";

for (
  const [name, cores, instructionSets, expected] of [
    ["AMD EPYC", 2, ["avx", "avx2", "fma"], "amd_epyc_2_cores"],
    ["AMD EPYC", 1, undefined, "amd_epyc_1_core"],
    ["AMD EPYC", 2, ["avx2", "avx512f"], "amd_epyc_avx512_2_cores"],
    [
      "Intel(R) Xeon(R) Processor",
      2,
      ["avx2", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16"],
      "intel_xeon_processor_avx512_amx_2_cores",
    ],
    ["Apple M4 Pro", 12, undefined, "apple_m4_pro_12_cores"],
    ["../../etc", 2, undefined, "etc_2_cores"],
    ["", 4, undefined, "unknown_4_cores"],
  ] as const
) {
  Deno.test(`the folder of "${name}" with ${cores} cores and ${instructionSets} is ${expected}`, () => {
    assertEquals(processorFolder({ name, cores, instructionSets }), expected);
  });
}

Deno.test("this processor has a folder without a place of its own in the path", () => {
  assertEquals(/^[a-z0-9_]+_cores?$/.test(processorFolder(thisProcessor())), true);
});
