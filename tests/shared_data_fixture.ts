/**
 * Larger research image sets and networks are not part of the package: their licences forbid
 * republishing. Tests that use them look in the folder named by `HASHIGO_SHARED`, or in `shared`
 * beside the checkout, and skip with a reason where there is none.
 */
import { fileURLToPath } from "node:url";

const root = Deno.env.get("HASHIGO_SHARED") ??
  fileURLToPath(new URL("../../shared", import.meta.url));

/** Path below the shared folder, or undefined where it is absent. */
export function sharedData(...parts: string[]): string | undefined {
  const path = [root, ...parts].join("/");
  try {
    Deno.statSync(path);
    return path;
  } catch {
    return undefined;
  }
}

/** Registers a test that is skipped, and says why in its name, where `path` is undefined. */
export function testWithShared(
  name: string,
  path: string | undefined,
  run: (path: string) => void | Promise<void>,
): void {
  Deno.test({
    name: path === undefined
      ? `${name} (skipped: no shared research data beside the checkout)`
      : name,
    ignore: path === undefined,
    fn: () => run(path ?? ""),
  });
}
