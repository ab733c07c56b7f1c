/** Settings of a bench as the command line changes them. */
import { UsageError } from "../cli/command.ts";

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
