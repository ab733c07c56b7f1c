/** The process that `deno task torture` kills: a tiny distillation, resumed where there is one. */
import recipe from "../../recipes/tiny_test.ts";
import { distill } from "../distill/run.ts";

const [folder = ""] = Deno.args;
const steps = distill(recipe, { folder, resume: true });
let next = await steps.next();
while (!next.done) next = await steps.next();
console.log(next.value.stateDigest);
