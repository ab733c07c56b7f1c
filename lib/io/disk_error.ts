/** Refusals of the system, as errors that say what to do next. */
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

/** The next step where a file cannot be written, by the system's code. */
const writeRemedies: Readonly<Record<string, string>> = {
  ENOENT: "Create its folder first, or choose another",
  EACCES: "Choose a folder that this user may write to",
  EPERM: "Choose a folder that this user may write to",
  ENOTDIR: "A file is in the way: choose another folder",
  EEXIST: "A file is in the way: choose another folder",
  EISDIR: "A folder is in the way: choose another name",
  ENOSPC: "Free some space, or choose another disk",
  EDQUOT: "Free some space, or choose another disk",
  EROFS: "The disk is read-only: choose another folder",
  ENAMETOOLONG: "Choose a shorter name",
  ELOOP: "Its links go round in a circle: mend them, or choose another folder",
  EIO: "The disk may be failing: choose another one",
};

/** The next step where it is not known what was attempted. */
const remedies: Readonly<Record<string, string>> = {
  ...writeRemedies,
  ENOENT: "Check the path",
  EACCES: "Change its permissions, or choose another that this user may use",
  EPERM: "Change its permissions, or choose another that this user may use",
  EMFILE: "Too many files are open: raise the limit with ulimit -n",
  ENOMEM: "Close other programs, or use fewer or smaller images",
  ECONNREFUSED: "Check the connection",
  ETIMEDOUT: "Check the connection",
};

/**
 * A {@linkcode UserError} for an error of the disk that a person can mend: a missing folder, a
 * permission, a full or read-only disk, a file in the place of a folder. Every other error is returned
 * as it is.
 */
export function explainDiskError(
  error: unknown,
  { path, purpose = "write", advice }: DiskAttempt,
): unknown {
  const remedy = writeRemedies[systemCode(error) ?? ""];
  if (remedy === undefined || !(error instanceof Error)) return error;
  return new UserError(
    `Cannot ${purpose} "${path}": ${error.message}. ${advice ? `${remedy}. ${advice}` : remedy}`,
    { cause: error },
  );
}

/**
 * The message and next step of an error of the system, where nobody nearer to it explained it; undefined
 * for every other error.
 */
export function systemErrorText(error: unknown): string | undefined {
  const code = systemCode(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  return `${error.message.replace(/\.$/, "")}. ${
    remedies[code] ?? "Check the path, and that this user may use it"
  }`;
}

/** `ENOENT` and its like: Deno's errors and Node's have it alike, defects have none. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof Deno.errors.NotCapable) return "EACCES";
  if ("code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code)) {
    return error.code;
  }
  const [, code] = codes.find(([kind]) => error instanceof kind) ?? [];
  return code;
}

/** Errors of Deno that a program made itself have no code. */
const codes: readonly [new (message?: string) => Error, string][] = [
  [Deno.errors.NotFound, "ENOENT"],
  [Deno.errors.PermissionDenied, "EACCES"],
  [Deno.errors.NotADirectory, "ENOTDIR"],
  [Deno.errors.AlreadyExists, "EEXIST"],
  [Deno.errors.IsADirectory, "EISDIR"],
];
