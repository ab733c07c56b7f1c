/** How long the processes of a group wait for each other. */
import { UserError } from "../../errors/user_error.ts";
import type { Environment } from "./group_place.ts";

/** Seconds after which a group ends, by the name of whoever is missing. */
export interface GroupLimits {
  /** Until every process has started. */
  readonly join: number;
  /** Until one that says nothing counts as hung or cut off. */
  readonly silence: number;
  /** Until one that says that it lives must have come to the operation that the others wait in. */
  readonly operation: number;
}

const variables = {
  join: { name: "HASHIGO_JOIN_SECONDS", standard: 120 },
  silence: { name: "HASHIGO_SILENCE_SECONDS", standard: 60 },
  operation: { name: "HASHIGO_OPERATION_SECONDS", standard: 900 },
} as const;

/**
 * The limits of the environment: `HASHIGO_JOIN_SECONDS` (default 120), `HASHIGO_SILENCE_SECONDS` (60) and
 * `HASHIGO_OPERATION_SECONDS` (900, which must span the compilation of the first step).
 *
 * @throws {UserError} for what is no number of seconds from 1
 *
 * @example
 * ```ts
 * import { groupLimits } from "./limits.ts";
 * const { silence } = groupLimits((name) => name === "HASHIGO_SILENCE_SECONDS" ? "5" : undefined);
 * if (silence !== 5) throw new Error("Expected five seconds");
 * ```
 */
export function groupLimits(environment: Environment): GroupLimits {
  const read = ({ name, standard }: { name: string; standard: number }) => {
    const text = environment(name);
    if (text === undefined) return standard;
    const seconds = Number(text);
    if (text.trim() !== "" && seconds >= 1 && seconds <= 86_400) return seconds;
    throw new UserError(`Found ${name}=${text}, expected seconds from 1 to 86400. Correct it`);
  };
  return {
    join: read(variables.join),
    silence: read(variables.silence),
    operation: read(variables.operation),
  };
}
