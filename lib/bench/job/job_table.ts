/** The result of the job bench, for people. */
import type { JobBench, JobsBench, JobSpeeds, PartSpeed } from "./bench_job.ts";
import { type PartName, partNames } from "./part_time.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { machineText } from "../../report/format.ts";

const titles: Readonly<Record<PartName, string>> = {
  decode: "decoding and packing",
  augment: "augmentation",
  teachers: "teachers",
  step: "student step",
  live: "all of it, live",
  cached: "from the cache",
};

/** Lines of the tables, one for each student, and the machine. */
export function jobTable({ jobs, machine }: JobsBench): string[] {
  const { rounds } = jobs[0]!;
  return [
    ...jobs.flatMap((result) => [...oneJob(result), ""]),
    "images a second, and processor seconds for an image. Live: files that nobody has seen, decoded, shown to",
    "the teachers and learnt; from the cache: a later pass. PyTorch decodes and transforms in every pass.",
    `${machineText(machine)}, load ${
      machine.load.map((load) => load.toFixed(1)).join(" to ")
    }; medians of ${rounds} ${rounds === 1 ? "turn" : "turns"}`,
  ];
}

function oneJob({ setting, parameters, ours, pytorch, skipped, ratios }: JobBench): string[] {
  const sides: (readonly [string, JobSpeeds])[] = [
    ["ours", ours],
    ...pytorch === null ? [] : [["PyTorch", pytorch.eager] as const],
    ...pytorch?.compiled == null ? [] : [["torch.compile", pytorch.compiled] as const],
  ];
  const header = ["images/s, core seconds", ...sides.flatMap(([name]) => [name, ""])];
  const body = partNames.map((part) => [
    titles[part],
    ...sides.flatMap(([, speeds]) => cells(speeds[part])),
  ]);
  const waits = sides.map(([name, { live, cached }]) =>
    `${name} ${percent(live.waitShare)} live and ${percent(cached.waitShare)} from the cache`
  );
  const million = (count: number) => `${(count / 1e6).toFixed(1)} M`;
  return [
    `${setting.images} JPEG files of ${setting.fileSide} px to a ${describe(setting.student)} at ` +
    `${setting.size} px (${million(parameters.student)} with its heads), ` +
    `${Object.keys(parameters.teachers).length} teachers, batch ${setting.batch}`,
    textTable(header, body, [0]),
    `waiting for images: ${waits.join("; ")}`,
    ...pytorch === null ? [] : [
      `PyTorch ${pytorch.version}, torchvision ${pytorch.torchvision}; its threads wait ` +
      `${pytorch.waitPolicy}ly`,
    ],
    ...ratios === null ? [] : [
      `ours is ${ratios.live.toFixed(2)} times as fast live, ${
        ratios.cached.toFixed(2)
      } times from ` +
      `the cache; from the cache ${ratios.cachedOverLive.toFixed(2)} times PyTorch's live job`,
    ],
    ...skipped,
  ];
}

function describe(student: string): string {
  return student === "transformer" ? "ViT" : "MobileNetV2";
}

function cells({ imagesPerSecond, processorSeconds }: PartSpeed): string[] {
  return [imagesPerSecond.toFixed(1), processorSeconds.toPrecision(2)];
}

function percent(share: number | undefined): string {
  return share === undefined ? "?" : `${(100 * share).toFixed(1)} %`;
}
