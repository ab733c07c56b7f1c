/** Runs the pure parts in Deno: `deno run --no-prompt pure_parts_fixture.ts`, without any permission. */
import * as metrics from "../../lib/metrics/mod.ts";
import * as random from "../../lib/tensors/random.ts";
import * as schedules from "../../lib/tensors/schedules.ts";
import * as teacherDrop from "../../lib/method/teacher_drop.ts";
import { compute } from "./pure_parts.mjs";

console.log(JSON.stringify(await compute({ metrics, random, schedules, teacherDrop })));
