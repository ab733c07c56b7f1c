/** The table of {@linkcode PaperBench}. */
import { byteSize } from "../../io/memory.ts";
import type { PaperBench } from "./bench_paper.ts";
import { vitBase } from "./made_up_teacher.ts";
import { machineText } from "../../report/format.ts";

/** Lines for people. */
export function paperTable(
  { setting, first, resumed, batch, parts, machine }: PaperBench,
): string[] {
  const { cpu, cores, devices, load } = machine;
  const device = devices.find((name) => name.includes("GPU")) ?? machineText({ cpu, cores });
  const seconds = first.seconds.slice(1).map((one) => one.toFixed(0)).join(" and ");
  return [
    `student and four teachers ${
      nameOf(setting)
    } at ${setting.imageSize} px, ladder on all blocks, ` +
    `${parts} times ${batch} images an update`,
    `on ${device}; runnable processes before and after: ${
      load.map((n) => n.toFixed(1)).join(", ")
    }`,
    `losses              ${
      [...first.losses, ...resumed.losses].map((l) => l.toFixed(4)).join("  ")
    }`,
    `to the first step   ${first.seconds[0]?.toFixed(0)} s, resumed ${
      resumed.seconds[0]?.toFixed(0)
    } s`,
    `further steps       ${seconds} s`,
    `peak of the steps   ${byteSize(first.stepBytes)}`,
    `with a checkpoint   ${byteSize(first.peakBytes)}, resumed ${byteSize(resumed.peakBytes)}`,
  ];
}

function nameOf({ width }: PaperBench["setting"]): string {
  return width === vitBase.width ? "ViT-B/16" : `ViT/16 of width ${width}`;
}
