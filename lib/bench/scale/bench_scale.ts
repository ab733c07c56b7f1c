/** Reckons what UNIC's own setting costs on 1, 4, 8 and 64 cards, and compares the model with this machine's records. */
import { studentLayout } from "../../method/student.ts";
import { cards, type Device } from "../../training/scale/devices.ts";
import { type RunCost, runCost, type StepCost, stepCost } from "../../training/scale/step_cost.ts";
import { type Check, checksOf, measuredDevice } from "./checks.ts";
import { measuredRecords } from "./measured_records.ts";
import { paperRun, type ScaleSetting } from "./paper_run.ts";

/** A number of cards that share a batch. */
export interface ScaleColumn {
  readonly batch: number;
  readonly accumulate: number;
  /** By name of the card. */
  readonly costs: { readonly [card: string]: { readonly step: StepCost; readonly run: RunCost } };
  /** The same with shared out moments. */
  readonly sharded: { readonly [card: string]: { readonly step: StepCost; readonly run: RunCost } };
  /** Bytes of activations, and operations of a device, where blocks and heads are computed twice. */
  readonly recomputed: Pick<StepCost, "memory" | "operations">;
  /** Seconds of the sum at the rate that was measured here between two processes; absent where none was. */
  readonly measuredSum?: number | undefined;
}

/** Outcome of {@linkcode benchScale}. */
export interface ScaleBench {
  readonly setting: ScaleSetting;
  /** Of student and projectors. */
  readonly parameters: number;
  readonly cards: { readonly [card: string]: Device };
  readonly columns: readonly ScaleColumn[];
  /** Name of the processor whose records are compared. */
  readonly checkedOn: string;
  readonly checks: readonly Check[];
}

/** Numbers of cards that share the batch; more of them follow with a larger batch. */
const shared = [1, 4, 8, 64];

/**
 * Reckons and compares; nothing is timed.
 *
 * @param records folder of this machine's records
 * @throws {UserError} for a batch that the cards do not divide, and records that cannot be read
 */
export async function benchScale(
  setting: ScaleSetting,
  { records, processor }: { readonly records: string; readonly processor: string },
): Promise<ScaleBench> {
  const measured = await measuredRecords(records), local = measuredDevice(measured);
  const large = 64 * setting.atOnce;
  const columns = [
    ...shared.map((devices) => columnOf(setting, devices, local)),
    ...large > setting.batch ? [columnOf({ ...setting, batch: large }, 64, local)] : [],
  ];
  return {
    setting,
    parameters: studentLayout(paperRun(setting).student).size,
    ...{ cards, columns, checkedOn: processor, checks: checksOf(measured) },
  };
}

function columnOf(setting: ScaleSetting, devices: number, local: Device | undefined): ScaleColumn {
  const { batch, atOnce } = setting, accumulate = Math.ceil(batch / devices / atOnce);
  const costsOf = (sharded: boolean) => {
    const run = paperRun(setting, { accumulate, sharded });
    return Object.fromEntries(
      Object.entries(cards).map(([name, card]) => {
        const step = stepCost(run, card, devices);
        return [name, { step, run: runCost(run, card, step) }];
      }),
    );
  };
  const twice = paperRun(setting, { accumulate, recompute: true });
  const { memory, operations } = stepCost(twice, cards.h100, devices);
  const sum = local && stepCost(twice, local, devices).seconds.sum;
  return {
    ...{ batch, accumulate, costs: costsOf(false), sharded: costsOf(true) },
    recomputed: { memory, operations },
    // Absent where no sum was measured, which costs no time then.
    ...sum !== undefined && (devices === 1 || sum > 0) && { measuredSum: sum },
  };
}
