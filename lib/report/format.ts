/** Numbers as text, the same in every table, figure and page. Durations are in `lib/io/duration.ts`. */

/** A count of parameters in millions with three significant digits: "0.720 M", "85.8 M". */
export function millions(count: number): string {
  return `${significant(count / 1e6)} M`;
}

/** Three significant digits, without an exponent; "-" where there is no finite value. */
export function significant(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  return value.toFixed(Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))));
}

/** So many decimals; `absent` (default "-") where there is no value. */
export function decimals(
  value: number | null | undefined,
  digits: number,
  absent = "-",
): string {
  return value === null || value === undefined ? absent : value.toFixed(digits);
}

/** One decimal with its sign: "+2.1", "−0.3". */
export function signed(value: number): string {
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);
}

/** A share of 1 in whole percent: "61 %". */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** An amount with its noun, thousands apart: "1 task", "92,800 images". */
export function count(amount: number, noun: string): string {
  return `${grouped(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/** A processor and how many cores of it: "AMD EPYC, 2 cores". */
export function machineText(machine: { readonly cpu: string; readonly cores: number }): string {
  return `${machine.cpu}, ${count(machine.cores, "core")}`;
}

/** A number with its thousands apart: "92,800". */
export function grouped(amount: number): string {
  return amount.toLocaleString("en");
}
