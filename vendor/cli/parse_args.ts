/**
 * The part of `jsr:@std/cli/parse-args` that this project calls: long options with values or flags,
 * repeated options, `--no-` negation, positional arguments and `--`.
 */
export interface ParseOptions {
  readonly boolean?: readonly string[];
  readonly string?: readonly string[];
  readonly collect?: readonly string[];
  readonly negatable?: readonly string[];
  readonly default?: Readonly<Record<string, unknown>>;
  readonly alias?: Readonly<Record<string, string>>;
  /** Called for each option that is not declared; returning false leaves it out of the result. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export type Args = { _: (string | number)[] } & { [name: string]: unknown };

export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const { boolean = [], string = [], collect = [], negatable = [], alias = {} } = options;
  const result: Args = { _: [] };
  const set = (name: string, value: unknown) => {
    if (collect.includes(name)) {
      result[name] = [...((result[name] as unknown[] | undefined) ?? []), value];
    } else {
      result[name] = value;
    }
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === "--") {
      result._.push(...args.slice(i + 1));
      break;
    }
    const match = /^--?([^=\s]+)(?:=([\s\S]*))?$/.exec(arg);
    if (match === null || arg === "-" || /^-\d/.test(arg)) {
      if (options.unknown?.(arg) !== false) result._.push(arg);
      continue;
    }
    const key = match[1] as string;
    const name = alias[key] ?? key;
    const inlineValue = match[2];
    const negated = name.startsWith("no-") ? name.slice(3) : undefined;
    if (negated !== undefined && negatable.includes(negated)) {
      set(negated, false);
    } else if (boolean.includes(name)) {
      set(name, inlineValue === undefined ? true : inlineValue !== "false");
    } else {
      const next = args[i + 1];
      const takesNext = inlineValue === undefined && next !== undefined && !/^--?[a-z]/i.test(next);
      const value = inlineValue ?? (takesNext ? next : string.includes(name) ? "" : true);
      if (!string.includes(name) && options.unknown?.(arg, name, value) === false) continue;
      if (takesNext) i++;
      set(name, value);
    }
  }
  for (const name of boolean) result[name] ??= options.default?.[name] ?? false;
  for (const name of collect) result[name] ??= [];
  for (const [name, value] of Object.entries(options.default ?? {})) result[name] ??= value;
  return result;
}
