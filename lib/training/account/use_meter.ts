/** What this process uses of processors while a run is open. */
import process from "node:process";
import { addUse, joulesBetween, noUse, type ProcessorUse } from "../../metrics/costs/account.ts";
import { type EnergyReading, readEnergyMeter } from "../../process/energy_meter.ts";

/** Milliseconds after which counters are read again. */
const soon = 60_000;
/** Milliseconds after which a counter may have begun again more than once: a reader who paused, a long step. */
const tooLong = 150_000;

/** Counts what a process uses. */
export interface UseMeter {
  /** What was used since the meter was opened. */
  measure(): Promise<ProcessorUse>;
  /** Reads the counters of energy, unless they were read a moment ago. */
  keepUp(): Promise<void>;
  /** Why no energy is metered. Default: it is. */
  readonly notMetered?: string | undefined;
}

/** Where numbers come from, which tests replace. */
export interface UseMeterOptions {
  /** A clock in milliseconds. */
  readonly now: () => number;
  /** User and system seconds of this process. Default: the system's. */
  readonly processorSeconds?: (() => number) | undefined;
  /** Default: {@linkcode readEnergyMeter}. */
  readonly readEnergy?: (() => Promise<EnergyReading>) | undefined;
}

/**
 * Opens the meter. Energy is that of the whole processor: what other programs use meanwhile is in it. An
 * interval whose counters cannot be read, or that is too long for them, counts as not metered.
 */
export async function openUseMeter(options: UseMeterOptions): Promise<UseMeter> {
  const { now, processorSeconds = secondsOfThisProcess, readEnergy = readEnergyMeter } = options;
  const look = async () => ({
    counters: (await readEnergy()).counters,
    seconds: processorSeconds(),
    at: now(),
  });
  const { counters, reason } = await readEnergy();
  const metered = counters !== undefined;
  let before = { counters, seconds: processorSeconds(), at: now() };
  let use = noUse;
  const measure = async () => {
    const after = metered ? await look() : { ...before, seconds: processorSeconds(), at: now() };
    const spent = after.seconds - before.seconds;
    const joules = before.counters && after.counters && after.at - before.at <= tooLong
      ? joulesBetween(before.counters, after.counters)
      : undefined;
    use = addUse(use, {
      processorSeconds: spent,
      meteredSeconds: joules === undefined ? 0 : spent,
      joules: joules ?? 0,
    });
    before = after;
    return use;
  };
  return {
    measure,
    async keepUp() {
      if (metered && now() - before.at > soon) await measure();
    },
    notMetered: reason,
  };
}

/** Threads are in it: workers, and those of the engine. */
function secondsOfThisProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
