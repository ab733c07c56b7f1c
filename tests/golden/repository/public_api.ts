/**
 * Writes `public_api.json`: every public name by entry point, with its kind, as `deno doc --json` finds them.
 * Run it after deciding on a public name: `deno run -A tests/golden/repository/public_api.ts`
 */
import { publicApi } from "../../repository/public_api_fixture.ts";

const path = new URL("./public_api.json", import.meta.url);
if (import.meta.main) {
  await Deno.writeTextFile(path, JSON.stringify(await publicApi(), null, 2) + "\n");
}
