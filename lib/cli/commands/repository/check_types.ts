/** Checks the types of source files and of the examples in their documentation. */
import { checkoutPath } from "../../checkout.ts";

/** All that has types: files and folders of the checkout. */
export const sources: readonly string[] = ["mod.ts", "lib", "recipes", "tests", "vendor"];

/** Whether the types of files and folders hold; what does not is shown by Deno. */
export async function typesHold(paths: readonly string[]): Promise<boolean> {
  const args = ["check", "--doc", "--quiet", ...paths];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: checkoutPath() }).spawn();
  return (await child.status).success;
}
