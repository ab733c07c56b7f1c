/** A forecast in lines for people. */
import { duration } from "../../io/duration.ts";
import { byteSize } from "../../io/memory.ts";
import type { Forecast } from "./forecast.ts";

/** The forecast of a run, a line for each kind of cost, and one for what would lower them. */
export function forecastLines(forecast: Forecast): string[] {
  const { steps, batchSize, planned, seconds, parts, memory, disk, advice } = forecast;
  const count = (value: number) => value.toLocaleString("en-US");
  const share = (part: number) => `${Math.round(100 * part / seconds)} %`;
  const shown = parts.filter((part) => part.seconds >= seconds / 100);
  const available = memory.available === undefined
    ? ""
    : ` of ${byteSize(memory.available)} available`;
  const features = disk.features > 0
    ? `, ${byteSize(disk.features)} of the teachers' features`
    : "";
  return [
    `forecast: ${count(steps)} steps of ${count(batchSize)} images, ` +
    (planned === undefined
      ? `about ${
        duration(seconds)
      } (teachers measured on a few images, the student reckoned: within ` +
        "a factor of two)"
      : `planned for ${planned.minutes} min by the seconds of its first steps`),
    `  time: ${
      shown.map(({ name, seconds, inputSize, inputSizes }) => {
        const sizes = inputSizes?.join("/") ?? inputSize;
        return `${name}${sizes === undefined ? "" : ` at ${sizes} px`} ${share(seconds)}`;
      }).join(", ")
    }`,
    `  memory: about ${byteSize(memory.needed)}${available}; disk: ` +
    `${byteSize(disk.checkpoints)} of checkpoints${features}`,
    ...advice === undefined ? [] : [
      `  ${advice.teacher} at ${advice.from} px is ${Math.round(100 * advice.share)} % of it; ` +
      `inputSize: ${advice.to} makes it about ${duration(advice.seconds)} ` +
      `(--set teachers.${advice.place}.inputSize=${advice.to})`,
    ],
  ];
}
