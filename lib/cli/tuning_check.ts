import type { DoctorCheck } from "../engine/doctor/doctor.ts";
import {
  fastestWay,
  type Tuning,
  tuningsHere,
  usualWay,
  wayText,
} from "../engine/tuning/tuning.ts";
import { programName } from "./program.ts";

/** Says which ways of running a step were found fastest on this machine. */
export function tuningCheck(folder?: string): DoctorCheck {
  return {
    name: "tuning",
    essential: false,
    run: async () => {
      const lines = (await tuningsHere(folder)).map(lineOf);
      if (lines.length > 0) return lines.join("\n");
      return `none; ${programName()} tune tries a dozen ways of running a step, in about a minute`;
    },
  };
}

function lineOf({ student, date, trials }: Tuning): string {
  const usual = trials.find(({ mode, flags, precision, refusal }) =>
    refusal === undefined &&
    `${[mode, flags, precision]}` === `${[usualWay.mode, usualWay.flags, usualWay.precision]}`
  )?.milliseconds;
  const ways = (["float32", "bfloat16"] as const).flatMap((precision) => {
    const way = fastestWay(trials, precision);
    if (way === undefined) return [];
    const gain = usual == null
      ? ""
      : ` (${(usual / way.milliseconds).toFixed(2)} times as fast as usual)`;
    return [`${wayText(way)}${gain}`];
  });
  return `${student}, ${date}: ${ways.join("; ") || "no way counts"}`;
}
