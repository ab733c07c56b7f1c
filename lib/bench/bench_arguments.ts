/** What the arguments of `bench` mean; each function throws a {@linkcode UsageError} for what it cannot use. */
import { UsageError } from "../cli/command.ts";
import type { WayName } from "./bench_step.ts";
import type { BenchStudent } from "./step_setting.ts";

/** All ways of running a step. */
export const allWays: readonly WayName[] = ["eager", "graph", "xla", "bf16"];

/** XLA takes ten times as long for convolutions on processors, and few of their products are matrices'. */
export const convolutionalWays: readonly WayName[] = ["eager", "graph"];

/** A count of an option, `standard` where it is not given. */
export function repeatsOf(repeats: number | undefined, standard: number, name = "repeats"): number {
  if (repeats === undefined) return standard;
  if (Number.isInteger(repeats) && repeats >= 1) return repeats;
  throw new UsageError(`Found --${name} ${repeats}, expected a whole number from 1`);
}

/** Minutes in rising order, 10 and 30 where none are given. */
export function minutesOf(texts: readonly string[]): number[] {
  if (texts.length === 0) return [10, 30];
  const minutes = texts.map(Number);
  if (minutes.every((value) => value > 0 && Number.isFinite(value))) {
    return [...new Set(minutes)].sort((a, b) => a - b);
  }
  throw new UsageError(
    `Found --minutes ${texts.join(",")}, expected numbers above 0, such as 10,30`,
  );
}

/** The name of a setting. */
export function oneOf<Name extends string>(
  settings: Readonly<Record<Name, unknown>>,
  name: string,
): Name {
  if (Object.hasOwn(settings, name)) return name as Name;
  throw new UsageError(
    `Found --student ${name}, expected one of ${Object.keys(settings).join(", ")}`,
  );
}

/** The Python that is timed beside; none unless one is named or PyTorch is asked for. */
export function pythonOf({ python, pytorch }: {
  readonly python: string | undefined;
  readonly pytorch: boolean;
}): string | undefined {
  return python ?? (pytorch ? Deno.env.get("HASHIGO_PYTHON") ?? "python3" : undefined);
}

/** A standard setting, whose numbers are changed by name. */
export function settingOf<Setting extends object>(
  standard: Setting,
  changes: readonly string[],
): Setting {
  const numbers = Object.entries(standard).flatMap(([name, value]) =>
    typeof value === "number" ? [name] : []
  );
  const setting: { [name: string]: number } = {};
  for (const change of changes) {
    const [name = "", text = ""] = change.split("=");
    const value = Number(text);
    if (!numbers.includes(name) || !Number.isInteger(value) || value < 1) {
      throw new UsageError(
        `Found --set ${change}, expected KEY=NUMBER with a whole number and a key of ` +
          numbers.join(", "),
      );
    }
    setting[name] = value;
  }
  return { ...standard, ...setting };
}

/** Ways of running the step of a student, all that suit it where none are named. */
export function waysOf(names: readonly string[], student: BenchStudent): readonly WayName[] {
  if (names.length === 0) return student === "transformer" ? allWays : convolutionalWays;
  const unknown = names.filter((name) => !allWays.some((way) => way === name));
  if (unknown.length === 0) return allWays.filter((way) => names.includes(way));
  throw new UsageError(`Found --ways ${names.join(",")}, expected some of ${allWays.join(",")}`);
}
