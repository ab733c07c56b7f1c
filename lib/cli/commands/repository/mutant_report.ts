/** What became of changes, in lines. */
import { textTable } from "../../../report/tables/text_table.ts";
import { type Mutant, roomOf } from "./mutant_list.ts";
import type { TriedMutant } from "./mutant_progress.ts";

type Outcomes = ReadonlyMap<Mutant, TriedMutant>;

/** Whether the tests noticed a change. */
function isKilled(mutant: Mutant, tried: Outcomes): boolean {
  const outcome = tried.get(mutant)?.outcome;
  return outcome === "killed" || outcome === "timeout";
}

/** Changes that must not stay as they are: living without an explanation, explained but killed, or no program. */
export function unexplained(mutants: readonly Mutant[], tried: Outcomes): Mutant[] {
  return mutants.filter((mutant) =>
    tried.get(mutant)?.outcome === "broken" ||
    isKilled(mutant, tried) === (mutant.equivalent !== undefined)
  );
}

/** Living changes with their places, the number of each room, and one line for all. */
export function mutantLines(
  mutants: readonly Mutant[],
  tried: Outcomes,
): { details: string[]; summary: string } {
  const of = (room: string) => mutants.filter((mutant) => roomOf(mutant) === room);
  const killed = (some: readonly Mutant[]) => some.filter((mutant) => isKilled(mutant, tried));
  const explained = (some: readonly Mutant[]) =>
    some.filter((mutant) => !isKilled(mutant, tried) && mutant.equivalent !== undefined);
  const rows = [...new Set(mutants.map(roomOf))].map((room) => {
    const some = of(room), dead = killed(some).length;
    return [room, some.length, dead, some.length - dead, explained(some).length].map(String);
  });
  const table = textTable(["room", "changes", "killed", "living", "explained"], rows);
  const late = mutants.filter((mutant) => tried.get(mutant)?.outcome === "timeout");
  const dead = killed(mutants).length;
  return {
    details: [
      table,
      ...late.map((mutant) => `killed by its time limit: ${placeOf(mutant)}`),
      ...explained(mutants).map((mutant) =>
        `living, equivalent: ${placeOf(mutant)}: ${mutant.equivalent}`
      ),
      ...unexplained(mutants, tried).map((mutant) =>
        `${verdict(mutant, tried)}: ${placeOf(mutant)}`
      ),
    ],
    summary: `${mutants.length} changes, ${dead} killed, ${mutants.length - dead} living ` +
      `(${explained(mutants).length} explained as equivalent)`,
  };
}

function verdict(mutant: Mutant, tried: Outcomes): string {
  if (tried.get(mutant)?.outcome === "broken") return "NO PROGRAM, correct the list";
  return isKilled(mutant, tried) ? "KILLED, though explained as equivalent" : "LIVING";
}

function placeOf(mutant: Mutant): string {
  return `${mutant.name} (${mutant.file})`;
}
