/** A teacher of which a run learns only some kinds of tokens. */
import type { TokenType } from "../method/tokens.ts";
import { UserError } from "../errors/user_error.ts";
import type { Teacher } from "./backbone.ts";

/**
 * The teacher with only the given kinds of tokens; it shares the weights of `teacher`.
 *
 * @throws {UserError} where the teacher has none of them
 */
export function keepTokens(teacher: Teacher, kept: readonly TokenType[]): Teacher {
  const tokens = teacher.tokens.filter((token) => kept.includes(token));
  if (tokens.length === teacher.tokens.length) return teacher;
  if (tokens.length === 0) {
    throw new UserError(
      `Cannot keep only ${kept.join(" and ")} of the teacher "${teacher.name}": it has only ` +
        `${
          teacher.tokens.join(" and ")
        }. Name these in featureCache.tokens, or leave the teacher out`,
    );
  }
  return {
    ...teacher,
    tokens,
    features(images) {
      const { cls, patch } = teacher.features(images);
      return {
        ...cls !== undefined && kept.includes("cls") && { cls },
        ...patch !== undefined && kept.includes("patch") && { patch },
      };
    },
  };
}
