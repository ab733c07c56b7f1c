/** TensorBoard's event files: TFRecords of protocol-buffer messages that hold scalars. */
import { appendSync } from "../io/positioned_file.ts";
import type { StepReport } from "../runs/step_report.ts";
import { maskedCrc32c } from "./crc32c.ts";
import type { Tracker } from "./trackers.ts";

/** A named number at a step. */
export interface Scalar {
  /** With slashes for groups: `loss/dino`. */
  readonly tag: string;
  /** May be infinite. */
  readonly value: number;
}

/**
 * Writes every number of a run's step reports for `tensorboard --logdir FOLDER`. Each start of a run writes
 * a file of its own; that of a resumed run tells TensorBoard to forget what an interrupted one wrote
 * after the checkpoint.
 *
 * @param folder created where it is missing.
 * @param options now: milliseconds since 1970; default the system's clock.
 *
 * @example
 * ```ts
 * import { tensorboardTracker } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * const tracker = tensorboardTracker(folder);
 * await tracker.close?.();
 * await Deno.remove(folder, { recursive: true });
 * // for await (const report of distill(recipe, { trackers: [tensorboardTracker("runs/board")] }))
 * ```
 */
export function tensorboardTracker(
  folder: string,
  options: { readonly now?: (() => number) | undefined } = {},
): Tracker {
  const { now = Date.now } = options;
  let file: Deno.FsFile | undefined;
  const write = (event: Uint8Array) => appendSync(file!, tensorboardRecord(event));
  return {
    name: "TensorBoard",
    track(report) {
      if (file === undefined) {
        file = openNew(folder, Math.floor(now() / 1000));
        write(versionEvent(now()));
        if (report.step > 1) write(restartEvent(now(), report.step));
      }
      write(scalarsEvent(now(), report.step, reportedScalars(report)));
    },
    close() {
      file?.close();
      file = undefined;
    },
  };
}

/** The numbers of a report that are shown as curves. */
export function reportedScalars(report: StepReport): Scalar[] {
  const { losses, shares } = report;
  const scalars: Scalar[] = [
    { tag: "loss", value: report.loss },
    { tag: "learning_rate", value: report.learningRate },
    { tag: "gradient_norm", value: report.gradientNorm },
    { tag: "standardizer_weight", value: report.standardizerWeight },
    { tag: "speed/images_per_second", value: report.imagesPerSecond },
    { tag: "speed/waiting_share", value: report.waitingShare },
  ];
  for (const [teacher, { cls, patch, total }] of Object.entries(losses)) {
    scalars.push({ tag: `loss/${teacher}`, value: total });
    if (cls !== undefined) scalars.push({ tag: `loss_cls/${teacher}`, value: cls });
    if (patch !== undefined) scalars.push({ tag: `loss_patch/${teacher}`, value: patch });
  }
  for (const [teacher, value] of Object.entries(shares)) {
    scalars.push({ tag: `share/${teacher}`, value });
  }
  return scalars;
}

/** The first event of a file. `now` in milliseconds. */
export function versionEvent(now: number): Uint8Array {
  return message([...wallTime(now), ...bytesField(3, text("brain.Event:2"))]);
}

/** The event that makes TensorBoard forget what it read from `step` on. */
export function restartEvent(now: number, step: number): Uint8Array {
  const started = bytesField(7, numberField(1, 1));
  return message([...wallTime(now), ...numberField(2, step), ...started]);
}

/** The event with the numbers of one step. */
export function scalarsEvent(now: number, step: number, scalars: readonly Scalar[]): Uint8Array {
  const values = scalars.flatMap(({ tag, value }) =>
    bytesField(1, [...bytesField(1, text(tag)), ...float32Field(2, value)])
  );
  return message([...wallTime(now), ...numberField(2, step), ...bytesField(5, values)]);
}

/** A TFRecord: length and content, each with its checksum. */
export function tensorboardRecord(content: Uint8Array): Uint8Array {
  const record = new Uint8Array(content.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(content, 12);
  view.setUint32(12 + content.length, maskedCrc32c(content), true);
  return record;
}

/** The number behind the time tells apart two starts within one second. */
function openNew(folder: string, seconds: number): Deno.FsFile {
  Deno.mkdirSync(folder, { recursive: true });
  for (let number = 0;; number++) {
    try {
      return Deno.openSync(`${folder}/events.out.tfevents.${seconds}.hashigo.${number}`, {
        createNew: true,
        write: true,
      });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

// Fields of a protocol-buffer message: a tag (number and wire type), then the value.
const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const message = (bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);
const numberField = (field: number, value: number) => [field << 3, ...varint(value)];
const bytesField = (field: number, bytes: readonly number[]) => [
  field << 3 | 2,
  ...varint(bytes.length),
  ...bytes,
];
const float32Field = (field: number, value: number) => [
  field << 3 | 5,
  ...new Uint8Array(Float32Array.of(value).buffer),
];
const wallTime = (now: number) => [
  1 << 3 | 1,
  ...new Uint8Array(Float64Array.of(now / 1000).buffer),
];

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
  return [...bytes, value];
}
