/** The index of the teachers that come with the package; reading it loads no network and no engine. */
import manifest from "../../../data/teachers/manifest.json" with { type: "json" };
import { parseTeacherManifest, type ZooEntry } from "./manifest.ts";

/**
 * The index of the zoo, `data/teachers/manifest.json`.
 *
 * @example
 * ```ts
 * import { zoo } from "@hashigo/hashigo/teachers";
 * const names = zoo.map(({ name }) => name);
 * if (!names.includes("mobilenet_v2_imagenet")) throw new Error();
 * ```
 */
export const zoo: readonly ZooEntry[] = parseTeacherManifest(manifest);
