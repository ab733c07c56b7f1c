import { assertEquals } from "@std/assert";
import { fields } from "../../../lib/engine/ffi/protobuf.ts";
import {
  groupConfig,
  serverDefinition,
  taskName,
} from "../../../lib/engine/collectives/messages.ts";

const text = (value: number | Uint8Array) => new TextDecoder().decode(value as Uint8Array);

/** The fields of a message by number; of repeated ones, all. */
function read(message: Uint8Array): Record<number, (number | Uint8Array)[]> {
  const found: Record<number, (number | Uint8Array)[]> = {};
  for (const { number, value } of fields(message)) (found[number] ??= []).push(value);
  return found;
}

Deno.test("a server's definition names every process, and this one", () => {
  const peers = Array.from({ length: 300 }, (_, i) => ({ host: "node", port: 2000 + i }));
  peers[200] = { host: "fe80::1", port: 77 };
  const definition = read(serverDefinition(200, peers));
  assertEquals(text(definition[2]![0]!), "worker");
  assertEquals(definition[3], [200]);
  assertEquals(text(definition[5]![0]!), "grpc");
  assertEquals(definition[4]![0], groupConfig());
  const job = read(read(definition[1]![0] as Uint8Array)[1]![0] as Uint8Array);
  assertEquals(text(job[1]![0]!), "worker");
  const tasks = job[2]!.map((task) => read(task as Uint8Array));
  assertEquals(tasks.map((task) => task[1]![0]), peers.map((_, i) => i));
  assertEquals(text(tasks[1]![2]![0]!), "node:2001");
  assertEquals(text(tasks[200]![2]![0]!), "[fe80::1]:77");
});

Deno.test("the configuration has rank 0 lead, without graphics cards", () => {
  const config = read(groupConfig());
  const count = read(config[1]![0] as Uint8Array);
  assertEquals([text(count[1]![0]!), count[2]![0]], ["GPU", 0]);
  assertEquals(text(read(config[16]![0] as Uint8Array)[1]![0]!), taskName(0));
  assertEquals(taskName(3), "/job:worker/replica:0/task:3");
});
