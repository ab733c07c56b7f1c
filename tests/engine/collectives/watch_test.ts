import { assertEquals } from "@std/assert";
import { silenceDetector, type Watched } from "../../../lib/engine/collectives/watch.ts";

const heardAt = (name: string, lastHeard: number): Watched => ({ name, lastHeard, operations: 0 });

/** Who is silent at any of the moments. */
function silentAt(moments: readonly number[], watched: readonly Watched[]): string[] {
  const detect = silenceDetector(() => watched, { seconds: 3, begun: 0 });
  return moments.flatMap((moment) => detect(moment).map(({ name }) => name));
}

Deno.test("whoever says nothing for longer than the limit is named", () => {
  const watched = [heardAt("quick", 3000), heardAt("slow", 0)];
  assertEquals(silentAt([1000, 2000, 3000], watched), []);
  assertEquals(silentAt([1000, 2000, 3000, 4000], watched), ["slow"]);
});

Deno.test("a process that could not listen itself holds nothing against the others", () => {
  assertEquals(silentAt([1000, 90_000, 91_000], [heardAt("other", 0)]), []);
  assertEquals(silentAt([1000, 90_000, 91_000, 92_000], [heardAt("gone", 0)]), ["gone"]);
});
