/**
 * A small stand-in for `jsr:@std/assert`, holding only what this project's tests call, so that
 * closed networks can run them. Remove `links` from deno.json to use the real package.
 */
import { isDeepStrictEqual } from "node:util";

export class AssertionError extends Error {
  override name = "AssertionError";
}

export function fail(message = "Failed assertion"): never {
  throw new AssertionError(message);
}

export function assert(condition: unknown, message = "Expected a truthy value"): asserts condition {
  if (!condition) fail(message);
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  fail(
    `${message ? message + ": " : ""}Values are not equal\n  actual:   ${Deno.inspect(actual)}\n` +
      `  expected: ${Deno.inspect(expected)}`,
  );
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  if (isDeepStrictEqual(actual, expected)) {
    fail(
      `${message ? message + ": " : ""}Expected values to differ, both are ${Deno.inspect(actual)}`,
    );
  }
}

export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) {
    fail(
      `${message ? message + ": " : ""}${Deno.inspect(actual)} is not ${Deno.inspect(expected)}`,
    );
  }
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) fail(message ?? "Expected a value, found none");
}

export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7 * Math.max(1, Math.abs(expected)),
  message?: string,
): void {
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance) return;
  fail(
    `${message ? message + ": " : ""}${actual} differs from ${expected} by ` +
      `${Math.abs(actual - expected)}, tolerance ${tolerance}`,
  );
}

export function assertGreater(actual: number, expected: number, message?: string): void {
  if (!(actual > expected)) fail(message ?? `Expected ${actual} > ${expected}`);
}

export function assertGreaterOrEqual(actual: number, expected: number, message?: string): void {
  if (!(actual >= expected)) fail(message ?? `Expected ${actual} >= ${expected}`);
}

export function assertLess(actual: number, expected: number, message?: string): void {
  if (!(actual < expected)) fail(message ?? `Expected ${actual} < ${expected}`);
}

export function assertLessOrEqual(actual: number, expected: number, message?: string): void {
  if (!(actual <= expected)) fail(message ?? `Expected ${actual} <= ${expected}`);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) fail(message ?? `"${actual}" does not include "${expected}"`);
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) fail(message ?? `"${actual}" does not match ${expected}`);
}

// deno-lint-ignore no-explicit-any
type ErrorClass<E> = new (...args: any[]) => E;

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E>,
  includes?: string,
): asserts error is E {
  if (!(error instanceof errorClass)) {
    fail(`Expected ${errorClass.name}, found ${Deno.inspect(error)}`);
  }
  if (includes !== undefined) assertStringIncludes(error.message, includes);
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E> = Error as unknown as ErrorClass<E>,
  includes?: string,
): E {
  try {
    fn();
  } catch (error) {
    checkError(error, errorClass, includes);
    return error;
  }
  return fail("Expected the function to throw");
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E> = Error as unknown as ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    checkError(error, errorClass, includes);
    return error;
  }
  return fail("Expected the promise to be rejected");
}
