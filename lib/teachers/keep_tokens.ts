/** Leaves out kinds of tokens that a student does not learn from. */
import type { TokenType } from "../method/tokens.ts";
import { UserError } from "../errors/user_error.ts";
import type { Teacher } from "./backbone.ts";

/**
 * The teacher with only some kinds of its tokens; it shares the weights of `teacher`.
 *
 * @param kept Kinds of tokens that stay.
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
      const features = teacher.features(images);
      // Kinds that are left out must be absent: a compiled network returns a tree of tensors.
      return Object.fromEntries(
        tokens.flatMap((token) => features[token] === undefined ? [] : [[token, features[token]]]),
      );
    },
  };
}
