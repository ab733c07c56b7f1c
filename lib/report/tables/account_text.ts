/** What a run took, in words. */
import { duration } from "../../io/duration.ts";
import { defaultWattsPerCore, type RunAccount } from "../../metrics/costs/account.ts";
import { percent } from "../format.ts";

/**
 * Processor time, energy, carbon and arithmetic of a run, each with its title and what it rests on.
 *
 * @example
 * ```ts
 * import { accountFacts } from "./account_text.ts";
 * const account = { processorSeconds: 90, kilowattHours: 3e-4, meteredShare: 0, wattsPerCore: 12 };
 * const text = accountFacts(account).map(([title, text]) => `${title} ${text}`).join();
 * if (!text.startsWith("processor time 1 min 30 s,energy 0.0003 kWh")) throw new Error("Time and energy");
 * ```
 */
export function accountFacts(account: RunAccount): [title: string, text: string][] {
  const { processorSeconds, kilowattHours, gramsCo2e, gridIntensity, flop } = account;
  return [
    ["processor time", duration(processorSeconds)],
    ["energy", `${threeDigits(kilowattHours)} kWh of the processor, ${sourceOfEnergy(account)}`],
    [
      "carbon",
      gramsCo2e === undefined || gridIntensity === undefined
        ? "not reckoned: no grid intensity was given (--grid-intensity or HASHIGO_GRID_INTENSITY)"
        : `${threeDigits(gramsCo2e)} g CO2e at ${threeDigits(gridIntensity)} g/kWh`,
    ],
    ...flop === undefined ? [] : [
      [
        "arithmetic",
        `student ${threeDigits(flop.student / 1e12)} TFLOP, teachers ${
          threeDigits(flop.teachers / 1e12)
        } TFLOP`,
      ] as [string, string],
    ],
  ];
}

/** The same as lines for a terminal. */
export function accountText(account: RunAccount): string {
  const facts = accountFacts(account);
  const width = Math.max(...facts.map(([title]) => title.length));
  return ["it took:", ...facts.map(([title, text]) => `  ${title.padEnd(width)}  ${text}`)]
    .join("\n");
}

/** What the energy rests on: a meter, or watts of a core. */
function sourceOfEnergy({ meteredShare, wattsPerCore, notMetered }: RunAccount): string {
  if (meteredShare === 1) return "by its meter (RAPL), other programs and all";
  const given = wattsPerCore === defaultWattsPerCore ? " (default)" : "";
  const reckoned = `at ${threeDigits(wattsPerCore)} W a busy core${given}`;
  if (meteredShare > 0) {
    return `${percent(meteredShare)} of the time by its meter, else ${reckoned}`;
  }
  return `reckoned ${reckoned}${notMetered === undefined ? "" : `: ${notMetered}`}`;
}

/** Three significant digits, however small. */
function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
