/** The result of the step bench, for people. */
import type { StepBench } from "./bench_step.ts";
import { type BenchSetting, isConvolutional } from "./step_setting.ts";
import { machineText } from "../report/format.ts";

/** Lines of the table: times, rates, the comparison with PyTorch, the machine. */
export function stepTable(result: StepBench): string[] {
  const { setting, pytorch, machine } = result;
  const ms = (name: string, value: number | null, note = "") =>
    value === null ? [] : [`  ${name.padEnd(22)}${value.toFixed(0).padStart(7)} ms${note}`];
  const percent = (share: number | null) => share === null ? "?" : `${Math.round(100 * share)} %`;
  return [
    `One step: batch ${setting.batch}, ${setting.imageSize} px, ${describe(setting)}; ` +
    `${result.gflopPerStep.toFixed(0)} GFLOP`,
    ...ms("eager", result.eagerMs),
    ...ms("graph", result.graphMs),
    ...ms("XLA", result.xlaMs),
    ...ms("graph, bfloat16", result.bf16Ms),
    ...ms("PyTorch fp32", pytorch?.fp32Ms ?? null, ratioNote(result, "fp32")),
    ...ms("PyTorch bfloat16", pytorch?.bf16Ms ?? null, ratioNote(result, "bf16")),
    `${result.imagesPerSecond.toFixed(1)} images/s (${result.fastest}); of the rate of matrix ` +
    `products alone, ${result.gemmGflops.toFixed(0)} GFLOP/s in fp32 and ` +
    `${result.bf16GemmGflops.toFixed(0)} in bfloat16: ${percent(result.fractionOfGemm)} and ` +
    percent(result.bf16FractionOfGemm) +
    (pytorch === null ? "" : `; of the faster of both sides' ` +
      `${percent(result.fractionOfBest)} and ${percent(result.bf16FractionOfBest)}`),
    ...pytorch === null ? [] : [
      `PyTorch ${pytorch.version} multiplies at ${pytorch.gemmGflops.toFixed(0)} ` +
      (pytorch.bf16GemmGflops === null
        ? "GFLOP/s and has no fast bfloat16 for this processor"
        : `and ${pytorch.bf16GemmGflops.toFixed(0)} GFLOP/s`) +
      `; its threads wait ${pytorch.waitPolicy}ly`,
    ],
    `Engine: ${result.opMicroseconds.toFixed(1)} µs per eager op, ` +
    `${result.hostMsPerCompiledStep.toFixed(2)} ms on the host per compiled step`,
    `${machineText(machine)}, load ${machine.load.map((load) => load.toFixed(1)).join(" to ")}`,
  ];
}

function describe(setting: BenchSetting): string {
  if (isConvolutional(setting)) {
    const { freeze, teacherWidths } = setting, { length } = teacherWidths;
    return `MobileNetV2 of which ${freeze} stages are frozen, ${length} teachers of widths ` +
      teacherWidths.join(", ");
  }
  return `ViT of width ${setting.width} and depth ${setting.depth}, ${setting.teachers} teachers of ` +
    `width ${setting.teacherWidth}`;
}

function ratioNote({ ratios, processorRatios }: StepBench, precision: "fp32" | "bf16"): string {
  const ratio = ratios?.[precision], processor = processorRatios?.[precision];
  return ratio == null || processor == null
    ? ""
    : `   ours is ${ratio.toFixed(2)} times as fast (${processor.toFixed(2)} in processor time)`;
}
