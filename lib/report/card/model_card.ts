/** What travels with an exported student: `MODEL_CARD.md`. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import { type Licence, strictestPart } from "../../teachers/licences.ts";
import { millions } from "../format.ts";
import { accountFacts } from "../tables/account_text.ts";
import { markdownTable } from "../tables/markdown_table.ts";
import { type CardFacts, licensedParts } from "./card_facts.ts";

/** Options of {@linkcode modelCard}. */
export interface ModelCardOptions {
  /** Command that exported it. */
  readonly command: string;
  /** Date of the export, in ISO form. */
  readonly date: string;
  /** Files that the card lies beside, and how they are used, as Markdown lines. */
  readonly files: readonly string[];
}

/** Name of the file. */
export const cardName = "MODEL_CARD.md";

/**
 * The card as Markdown: what the student is, teachers with digests and licences, images, scores with intervals, the
 * commands that made it, and the strictest term of all of its parts.
 */
export function modelCard(facts: CardFacts, { command, date, files }: ModelCardOptions): string {
  const { name, network, parameters, size, width, digest, teachers, source, recipe } = facts;
  const lines = [
    `# ${text(name)}`,
    "",
    `A student of ${
      list(teachers.map(({ name }) => name))
    }, distilled by hashigo: one network that gives a feature ` +
    `of ${width} numbers for an image of ${size} pixels.`,
    ...recipe?.description === undefined ? [] : ["", text(recipe.description)],
    "",
    `**Licence: ${licenceLine(facts)}**`,
    "",
    markdownTable(["", "what"], [
      ["network", text(network)],
      ["parameters", millions(parameters)],
      ["images", `${size} x ${size} pixels, the square in the middle`],
      ["SHA-256", `\`${digest}\``],
      ...facts.recipeDigest === undefined ? [] : [["recipe", `\`${facts.recipeDigest}\``]],
    ], ["what"]),
    "",
    "## Files",
    "",
    ...files,
    "",
    "## Teachers",
    "",
    markdownTable(
      ["teacher", "licence", "SHA-256 of its features"],
      [...teachers, ...source === undefined ? [] : [source]].map(({ name, licence, digest }) => [
        ...[text(name), licenceText(licence), digest === undefined ? "not known" : `\`${digest}\``],
      ]),
      ["licence", "SHA-256 of its features"],
    ),
    ...source === undefined ? [] : ["", `It started from the weights of ${text(source.name)}.`],
    "",
    "## Images that it learnt from",
    "",
    facts.images.length === 0 ? "Not known: the file lies outside of its run." : markdownTable(
      ["images", "licence"],
      facts.images.map(({ name, licence }) => [text(name), licenceText(licence)]),
      ["licence"],
    ),
    "",
    "No label was used.",
    "",
    "## Scores",
    "",
    ...scoreLines(facts),
    "",
    "## How it was made",
    "",
    ...originLines(facts),
    ...facts.account === undefined
      ? []
      : accountFacts(facts.account).map(([title, value]) => `- ${title}: ${text(value)}`),
    `- exported: \`${command}\`, ${date}`,
  ];
  return lines.join("\n") + "\n";
}

/** Writes the card into a folder, in place of an older one. */
export async function writeModelCard(folder: string, card: string): Promise<string> {
  const path = `${folder}/${cardName}`;
  await writeFileAtomic(path, card);
  return path;
}

/** The strictest term of teachers and images, such as "CC BY-NC 4.0, no commercial use (of teacher dino)". */
export function licenceLine(facts: CardFacts): string {
  const strictest = strictestPart(licensedParts(facts));
  if (strictest === undefined) return "not stated";
  const { name, licence } = strictest;
  return `${licenceText(licence)} (of ${text(name)}, the strictest term of teachers and images)`;
}

function licenceText({ id, title, commercial, terms }: Licence): string {
  const use = commercial === undefined
    ? "nobody knows what it allows"
    : commercial
    ? "commercial use allowed"
    : "no commercial use";
  const known = commercial === undefined || id === "own" || id === title;
  return `${title}${known ? "" : ` (${text(id)})`}: ${[use, ...terms].join(", ")}`;
}

function scoreLines({ evaluation, name }: CardFacts): string[] {
  const student = evaluation?.models.find(([, role]) => role === "student")?.[0] ?? name;
  const rows = evaluation?.rows.filter(({ model }) => model === student) ?? [];
  if (rows.length === 0) return ["It was not measured."];
  return [
    markdownTable(
      ["images", "measure", "score", "95 % interval", "against the best teacher"],
      rows.map((row) => [
        ...[text(row.task), text(row.metric), row.value.toFixed(1)],
        ...[`${row.low.toFixed(1)} to ${row.high.toFixed(1)}`, verdictText(row)],
      ]),
      ["measure", "against the best teacher"],
    ),
    "",
    "Intervals are over the test images.",
  ];
}

function verdictText({ verdict }: EvaluationRow): string {
  if (verdict === undefined) return "";
  const { outcome, against, difference } = verdict;
  return `${outcome}, ${difference < 0 ? "" : "+"}${difference.toFixed(1)} (${text(against)})`;
}

function originLines({ origin }: CardFacts): string[] {
  if (origin === undefined) return ["- distilled: not known, the file lies outside of its run"];
  const { command, date, machine, versions } = origin;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- distilled: \`${command.replaceAll("`", "'")}\`, ${date.slice(0, 10)}, ${text(machine)}, ${
      programs.join(", ")
    }`,
  ];
}

/** "a", "a and b", "a, b and c". */
function list(names: readonly string[]): string {
  const words = names.map(text);
  return words.length < 2
    ? words.join() || "teachers that are not known"
    : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Text from outside, on one line, whose signs mean nothing in Markdown. */
function text(value: string): string {
  return value.replaceAll(/\s+/g, " ").replaceAll(/[\\`*[\]<>|]/g, (sign) => `\\${sign}`);
}
