/** Reads the arguments of a command by the options and positionals that it declares. */
import { parseArgs } from "@std/cli/parse-args";
import {
  type Command,
  type Option,
  type Options,
  type OptionValues,
  UsageError,
} from "./command.ts";

/** The arguments of a command, typed. */
export interface Arguments<O extends Options> {
  readonly options: OptionValues<O>;
  readonly positionals: readonly string[];
  readonly json: boolean;
}

/** @throws {UsageError} where an argument is unknown, surplus, missing or of the wrong type. */
export function readArguments<O extends Options>(
  command: Command<O>,
  args: readonly string[],
): Arguments<O> {
  const declared = Object.entries<Option>(command.options ?? {});
  const named = (...types: Option["type"][]) =>
    declared.filter(([, option]) => types.includes(option.type)).map(([name]) => name);
  const parsed = parseArgs([...args], {
    boolean: ["json", ...named("flag")],
    string: ["_", ...named("text", "number", "list")],
    collect: named("list"),
    unknown: (arg: string, key?: string) => {
      if (key === undefined) return true;
      const known = [...declared.map(([name]) => `--${name}`), "--json", "--help"].join(", ");
      throw new UsageError(`Found the unknown option ${arg}, expected one of ${known}`);
    },
  });
  const options = Object.fromEntries(
    declared.map(([name, option]) => [name, optionValue(name, option, parsed[name])]),
  ) as OptionValues<O>;
  const positionals = parsed._.map(String);
  checkPositionals(command.positionals ?? [], positionals);
  return { json: parsed.json === true, positionals, options };
}

function optionValue(name: string, option: Option, value: unknown): unknown {
  if (option.type === "flag" || value === undefined) return value;
  const texts = [value].flat().map(String);
  const values = option.type === "list" && option.commas !== "kept"
    ? texts.flatMap(splitAtCommas)
    : texts;
  if (values.includes("")) {
    throw new UsageError(`Found --${name} without a value, expected --${name} ${option.value}`);
  }
  if (option.type === "list") return values;
  if (option.type === "text") return value;
  const number = Number(value);
  if (Number.isNaN(number)) throw new UsageError(`Found --${name} ${value}, expected a number`);
  return number;
}

/** A comma after a backslash belongs to the value. */
function splitAtCommas(text: string): string[] {
  return text.split(/(?<!\\),/).map((part) => part.replaceAll("\\,", ","));
}

function checkPositionals(expected: readonly string[], positionals: readonly string[]): void {
  const missing = expected.filter((name) => !name.startsWith("[")).slice(positionals.length);
  if (missing.length > 0) {
    const present = positionals.length === 0 ? "nothing" : positionals.join(" ");
    throw new UsageError(`Found ${present}, expected ${expected.join(" ")}`);
  }
  const many = expected.some((name) => name.includes("..."));
  if (!many && positionals.length > expected.length) {
    const surplus = positionals.slice(expected.length).join(" ");
    const only = expected.length === 0 ? "no argument" : `only ${expected.join(" ")}`;
    throw new UsageError(`Found the surplus argument ${surplus}, expected ${only}`);
  }
}
