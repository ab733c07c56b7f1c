import { UserError } from "../errors/user_error.ts";

/** A use of the disk, as messages describe it. */
export interface DiskAttempt {
  /** The file or folder. */
  readonly path: string;
  /** Verb before the path in the message. Default: "write". */
  readonly purpose?: string | undefined;
  /** A further way out, the last sentence of the message. Default: none. */
  readonly advice?: string | undefined;
}

/**
 * A {@linkcode UserError} for an error of the disk that a person can mend: a missing folder, a
 * permission, a full or read-only disk, a file in the place of a folder. Every other error is returned
 * as it is.
 */
export function explainDiskError(
  error: unknown,
  { path, purpose = "write", advice }: DiskAttempt,
): unknown {
  const remedy = remedyOf(error);
  if (remedy === undefined || !(error instanceof Error)) return error;
  return new UserError(
    `Cannot ${purpose} "${path}": ${error.message}. ${advice ? `${remedy}. ${advice}` : remedy}`,
    { cause: error },
  );
}

function remedyOf(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotFound) return "Create its folder first, or choose another";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "Choose a folder that this user may write to";
  }
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return "A file is in the way: choose another folder";
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return "Free some space, or choose another disk";
  if (code === "EROFS") return "The disk is read-only: choose another folder";
  if (code === "EISDIR") return "A folder is in the way: choose another name";
  return undefined;
}
