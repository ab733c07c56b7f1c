import { assertEquals } from "@std/assert";
import { userCache } from "../../../lib/engine/install/host.ts";

Deno.test("the cache is where the system keeps the user's, or where XDG_CACHE_HOME says", () => {
  const cache = (os: string, environment: Record<string, string>) =>
    userCache(os, (name) => environment[name]);
  assertEquals(cache("linux", { HOME: "/home/ada" }), "/home/ada/.cache/hashigo");
  assertEquals(cache("darwin", { HOME: "/Users/ada" }), "/Users/ada/Library/Caches/hashigo");
  assertEquals(cache("windows", { USERPROFILE: "C:/ada" }), "C:/ada/.cache/hashigo");
  for (const os of ["linux", "darwin"]) {
    assertEquals(cache(os, { HOME: "/home/ada", XDG_CACHE_HOME: "/big" }), "/big/hashigo");
  }
});
