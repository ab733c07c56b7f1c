/** Reckons what UNIC's own setting costs on 1, 4, 8 and 64 cards, and compares the model with the records of machines. */
import { studentLayout } from "../../method/student.ts";
import { cards, type Device } from "../../training/scale/devices.ts";
import { type RunCost, runCost, type StepCost, stepCost } from "../../training/scale/step_cost.ts";
import { type Check, checksOf, measuredDevice } from "./checks.ts";
import { recordsByMachine } from "./measured_records.ts";
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
  /** Seconds of the sum at the best rate that was measured between two processes; absent where none was. */
  readonly measuredSum?: number | undefined;
}

/** Outcome of {@linkcode benchScale}. */
export interface ScaleBench {
  readonly setting: ScaleSetting;
  /** Of student and projectors. */
  readonly parameters: number;
  readonly cards: { readonly [card: string]: Device };
  readonly columns: readonly ScaleColumn[];
  /** What was measured, by machine. */
  readonly machines: readonly { readonly name: string; readonly checks: readonly Check[] }[];
}

/** Numbers of cards that share the batch; more of them follow with a larger batch. */
const shared = [1, 4, 8, 64];

/**
 * Reckons and compares; nothing is timed.
 *
 * @param folder of the records of machines, one folder for each
 * @throws {UserError} for a batch that the cards do not divide, and records that cannot be read
 */
export async function benchScale(setting: ScaleSetting, folder: string): Promise<ScaleBench> {
  const measured = await recordsByMachine(folder);
  const devices = measured.flatMap((records) => measuredDevice(records) ?? []);
  const rates = devices.map(({ link }) => link.within).filter(Number.isFinite);
  const rate = rates.length === 0 ? undefined : Math.max(...rates);
  const large = 64 * setting.atOnce;
  const columns = [
    ...shared.map((devices) => columnOf(setting, devices, rate)),
    ...large > setting.batch ? [columnOf({ ...setting, batch: large }, 64, rate)] : [],
  ];
  return {
    setting,
    parameters: studentLayout(paperRun(setting).student).size,
    ...{ cards, columns },
    machines: measured.flatMap((records) => {
      const device = measuredDevice(records), checks = checksOf(records);
      return device === undefined || checks.length === 0 ? [] : [{ name: device.name, checks }];
    }),
  };
}

/** @param rate bytes a second of a measured sum */
function columnOf(setting: ScaleSetting, devices: number, rate: number | undefined): ScaleColumn {
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
  const { memory, operations, traffic } = stepCost(twice, cards.h100, devices);
  return {
    ...{ batch, accumulate, costs: costsOf(false), sharded: costsOf(true) },
    recomputed: { memory, operations },
    ...rate !== undefined && { measuredSum: traffic.sum / rate },
  };
}
