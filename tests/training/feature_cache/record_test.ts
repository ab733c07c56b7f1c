import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  joinTokens,
  recordShapeOf,
  splitTokens,
} from "../../../lib/training/feature_cache/record.ts";
import "../../pure_backend_fixture.ts";

const cls = tf.tensor2d([[1, 2], [11, 12]]);
const patch = tf.tensor3d([[[3, 4], [5, 6]], [[13, 14], [15, 16]]]);

Deno.test("a record holds CLS, then the patches, and comes apart again", () => {
  const record = joinTokens({ patch, cls });
  assertEquals([...record.dataSync()], [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]);
  const shape = recordShapeOf({ width: 2, tokens: ["cls", "patch"] }, 2);
  assertEquals(shape, { width: 2, cls: true, patches: 2, size: 6 });
  const apart = splitTokens(record, shape);
  assertEquals(apart.cls!.arraySync(), cls.arraySync());
  assertEquals(apart.patch!.arraySync(), patch.arraySync());
});

Deno.test("tokens that a teacher does not have take no place", () => {
  const shape = recordShapeOf({ width: 2, tokens: ["patch"] }, 2);
  assertEquals(shape, { width: 2, cls: false, patches: 2, size: 4 });
  const apart = splitTokens(joinTokens({ patch }), shape);
  assertEquals(Object.keys(apart), ["patch"]);
  assertEquals(apart.patch!.arraySync(), patch.arraySync());
  assertEquals(recordShapeOf({ width: 2, tokens: ["cls"] }, 2).size, 2);
});
