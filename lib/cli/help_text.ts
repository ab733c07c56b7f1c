/** The texts of `help`: all commands by purpose, or one command with its options. */
import { type Command, type CommandGroup, groupTitles, type Option } from "./command.ts";
import type { Options } from "./command.ts";

/** The text that `COMMAND --help` prints. `program` precedes the names of commands. */
export function helpText<O extends Options>(command: Command<O>, program: string): string {
  const rows = Object.entries<Option>(command.options ?? {}).map((
    [name, option],
  ): [string, string] => [
    option.type === "flag" ? `--${name}` : `--${name} ${option.value}`,
    option.summary + (option.type === "list" ? " (may be repeated)" : ""),
  ]);
  rows.push(["--json", "machine-readable results on standard output"], ["--help", "this text"]);
  const start = `${program} ${command.name}`;
  return [
    command.summary,
    ...command.details === undefined ? [] : [command.details],
    `\nUsage: ${[start, ...command.positionals ?? [], "[options]"].join(" ")}\n`,
    ...columns(rows),
    `\nExample: ${`${start} ${command.example}`.trim()}`,
  ].join("\n");
}

/** The text that `help` prints. */
export function catalogueText(
  commands: Readonly<
    Record<string, { readonly group: CommandGroup; readonly summary: string }>
  >,
  program: string,
): string {
  const all = Object.entries(commands);
  const lines = columns(all.map(([name, { summary }]) => [name, summary]));
  const sections = Object.entries(groupTitles).map(([group, title]) =>
    [title, ...lines.filter((_, i) => all[i]?.[1].group === group)].join("\n")
  );
  return [
    "Hashigo distils several frozen vision models into one student.",
    `Usage: ${program} COMMAND [options]`,
    ...sections,
    `${program} help COMMAND shows the options of a command and an example.`,
  ].join("\n\n");
}

function columns(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
