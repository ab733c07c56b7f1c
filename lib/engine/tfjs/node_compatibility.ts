/**
 * tfjs-node-gpu 4.22.0 calls two helpers of `node:util` that newer runtimes have removed. This
 * module puts them back; it must be evaluated before anything of that package is imported.
 */
import util from "node:util";

const helpers: Record<string, unknown> = util as unknown as Record<string, unknown>;

helpers.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
helpers.isArray ??= Array.isArray;
