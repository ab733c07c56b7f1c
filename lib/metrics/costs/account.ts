/** What a run took: processor seconds, energy, carbon, arithmetic. */
import type { EnergyCounter } from "../../process/energy_meter.ts";

/** What the processes of a run have used of processors so far. */
export interface ProcessorUse {
  /** User and system seconds, over all cores and threads. */
  readonly processorSeconds: number;
  /** Those of them during which a meter counted energy. */
  readonly meteredSeconds: number;
  /** What the meter counted meanwhile, in joules; of the whole processor, whoever used it. */
  readonly joules: number;
}

/** Nothing yet. */
export const noUse: ProcessorUse = { processorSeconds: 0, meteredSeconds: 0, joules: 0 };

/** Use one after the other, or by several processes. */
export function addUse(a: ProcessorUse, b: ProcessorUse): ProcessorUse {
  return {
    processorSeconds: a.processorSeconds + b.processorSeconds,
    meteredSeconds: a.meteredSeconds + b.meteredSeconds,
    joules: a.joules + b.joules,
  };
}

/**
 * Joules that the packages of a processor used between two readings of their counters, each of which may have begun
 * again at 0 once.
 *
 * @returns undefined where other packages were read, or where a counter fell whose range is not known
 *
 * @example
 * ```ts
 * import { joulesBetween } from "./account.ts";
 * const at = (microjoules: number) => new Map([["package", { microjoules, range: 10e6 }]]);
 * if (joulesBetween(at(9e6), at(1e6)) !== 2) throw new Error("One to the end of the range, one after it");
 * ```
 */
export function joulesBetween(
  before: ReadonlyMap<string, EnergyCounter>,
  after: ReadonlyMap<string, EnergyCounter>,
): number | undefined {
  if ([...before.keys()].join() !== [...after.keys()].join()) return undefined;
  let microjoules = 0;
  for (const [name, { microjoules: end, range }] of after) {
    const risen = end - before.get(name)!.microjoules;
    microjoules += risen < 0 ? risen + range : risen;
  }
  return microjoules >= 0 ? microjoules / 1e6 : undefined;
}

/** How use becomes energy where no meter counts, and energy carbon. */
export interface AccountRates {
  /** Watts of a busy core. */
  readonly wattsPerCore: number;
  /** Grams of CO2 equivalent for a kilowatt-hour of the grid. Default: not known, and no carbon reckoned. */
  readonly gridIntensity?: number | undefined;
}

/**
 * Watts of a busy core where nobody says better: what Green Algorithms takes for a processor that it does not know.
 * Its processors lie between 4 (servers of 64 cores) and 24 (desktops).
 *
 * @source Lannelongue, Grealey and Inouye, "Green Algorithms: Quantifying the Carbon Footprint of Computation",
 * Advanced Science 8, 2021; `TDP_cpu.csv` of its tool, "Any"
 */
export const defaultWattsPerCore = 12;

/** Floating-point operations of a run's updates; a multiplication and an addition are two. */
export interface RunFlop {
  /** Of the student with its projectors: forward, and twice that for gradients. */
  readonly student: number;
  /** Of all teachers, forward. */
  readonly teachers: number;
}

/** What a run took. */
export interface RunAccount extends AccountRates {
  /** User and system seconds of its processes, over all cores and threads. */
  readonly processorSeconds: number;
  /** Energy of the processor; memory, cooling and graphics cards come on top. */
  readonly kilowattHours: number;
  /** Share of the processor seconds, 0 to 1, whose energy a meter counted; of the others it is `wattsPerCore`. */
  readonly meteredShare: number;
  /** Why no meter counted. Default: one did. */
  readonly notMetered?: string | undefined;
  /** Grams of CO2 equivalent, where the intensity of the grid is known. */
  readonly gramsCo2e?: number | undefined;
  /** Arithmetic, where it is known. */
  readonly flop?: RunFlop | undefined;
}

const joulesPerKilowattHour = 3.6e6;

/**
 * The account of some use.
 *
 * @example
 * ```ts
 * import { accountOf } from "./account.ts";
 * const use = { processorSeconds: 3600, meteredSeconds: 0, joules: 0 };
 * const { kilowattHours, gramsCo2e } = accountOf(use, { wattsPerCore: 10, gridIntensity: 400 });
 * if (kilowattHours !== 0.01 || gramsCo2e !== 4) throw new Error("An hour of a core of 10 W");
 * ```
 */
export function accountOf(
  { processorSeconds, meteredSeconds, joules }: ProcessorUse,
  { wattsPerCore, gridIntensity }: AccountRates,
): RunAccount {
  const reckoned = (processorSeconds - meteredSeconds) * wattsPerCore;
  const kilowattHours = (joules + reckoned) / joulesPerKilowattHour;
  return {
    processorSeconds,
    kilowattHours,
    meteredShare: processorSeconds > 0 ? meteredSeconds / processorSeconds : 0,
    wattsPerCore,
    ...gridIntensity !== undefined && { gridIntensity, gramsCo2e: kilowattHours * gridIntensity },
  };
}

/**
 * The account of several runs together, such as the stages of one: what one of them lacks, the sum lacks. Watts are
 * the mean over what was not metered, the intensity of the grid is that over all energy.
 */
export function sumOfAccounts(accounts: readonly RunAccount[]): RunAccount {
  if (accounts.length === 1) return accounts[0]!;
  const sum = (of: (account: RunAccount) => number) =>
    accounts.reduce((all, account) => all + of(account), 0);
  const sumOfAll = (of: (account: RunAccount) => number | undefined) =>
    accounts.some((account) => of(account) === undefined) ? undefined : sum((one) => of(one)!);
  const processorSeconds = sum((one) => one.processorSeconds);
  const kilowattHours = sum((one) => one.kilowattHours);
  const metered = sum((one) => one.processorSeconds * one.meteredShare);
  const reckoned = processorSeconds - metered;
  const watts = sum((one) => one.wattsPerCore * one.processorSeconds * (1 - one.meteredShare));
  const gramsCo2e = sumOfAll((one) => one.gramsCo2e);
  const student = sumOfAll((one) => one.flop?.student);
  const teachers = sumOfAll((one) => one.flop?.teachers);
  const notMetered = accounts.find((one) => one.notMetered !== undefined)?.notMetered;
  return {
    processorSeconds,
    kilowattHours,
    meteredShare: processorSeconds > 0 ? metered / processorSeconds : 0,
    wattsPerCore: reckoned > 0
      ? watts / reckoned
      : accounts[0]?.wattsPerCore ?? defaultWattsPerCore,
    ...notMetered !== undefined && { notMetered },
    ...gramsCo2e !== undefined && kilowattHours > 0 &&
      { gramsCo2e, gridIntensity: gramsCo2e / kilowattHours },
    ...student !== undefined && teachers !== undefined && { flop: { student, teachers } },
  };
}
