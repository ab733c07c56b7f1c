/**
 * Weights that do not lie with the package, for tests: from the cache, from `HASHIGO_WEIGHTS`, or from the
 * research data beside the checkout. Nothing is fetched: tests do not depend on a network.
 */
import { assert } from "@std/assert";
import { zoo } from "../../../lib/teachers/zoo/entries.ts";
import { weightsPlace } from "../../../lib/teachers/zoo/fetched_weights.ts";
import type { WheelOrigin, ZooEntry } from "../../../lib/teachers/zoo/manifest.ts";
import { sharedData } from "../../shared_data_fixture.ts";

const shared = sharedData("weights", "efficientnet-lite0");

/** The entry of the teacher that is fetched. */
export function fetchedEntry(): ZooEntry & { readonly wheel: WheelOrigin } {
  const entry = zoo.find(({ name }) => name === "efficientnet_lite0_imagenet");
  assert(entry?.wheel !== undefined);
  return { ...entry, wheel: entry.wheel };
}

/** Whether a teacher can be loaded without a network; names the research data's folder where need be. */
export function isHere({ wheel }: Pick<ZooEntry, "wheel">): boolean {
  if (wheel === undefined || weightsPlace(wheel) !== "nowhere") return true;
  if (shared !== undefined) Deno.env.set("HASHIGO_WEIGHTS", shared);
  return weightsPlace(wheel) !== "nowhere";
}

/** Registers a test that is skipped, and says why in its name, where the weights are not here. */
export function testWithWeights(name: string, fn: () => Promise<void>): void {
  const here = isHere(fetchedEntry());
  const title = here ? name : `${name} (skipped: its weights were not fetched on this machine)`;
  Deno.test({ name: title, ignore: !here, fn });
}
