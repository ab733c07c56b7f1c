import { assert, assertEquals, assertThrows } from "@std/assert";
import { groupPlace } from "../../../lib/engine/collectives/group_place.ts";
import { firstNode } from "../../../lib/engine/collectives/node_list.ts";
import { groupLimits } from "../../../lib/engine/collectives/limits.ts";
import { UserError } from "../../../lib/errors/user_error.ts";

type Variables = Readonly<Record<string, string>>;

const placeIn = (variables: Variables) => groupPlace((name) => variables[name]);

function refusal(variables: Variables): string {
  return assertThrows(() => placeIn(variables), UserError).message;
}

const torch = { RANK: "2", WORLD_SIZE: "4", MASTER_ADDR: "node1", MASTER_PORT: "29500" };
const slurm = { SLURM_PROCID: "2", SLURM_NTASKS: "4", SLURM_JOB_ID: "123456" };
const cluster = { worker: ["a:1000", "b:1001", "c:1002", "d:1003"] };
const tensorflow = (task: unknown, jobs: unknown = cluster) => ({
  TF_CONFIG: JSON.stringify({ cluster: jobs, task }),
});

Deno.test("without variables there is no group, and a group of one is none", () => {
  assertEquals(placeIn({}), undefined);
  assertEquals(placeIn({ MASTER_ADDR: "node1", MASTER_PORT: "1" }), undefined);
  assertEquals(placeIn({ ...torch, RANK: "0", WORLD_SIZE: "1" }), undefined);
  assertEquals(placeIn({ SLURM_PROCID: "0", SLURM_NTASKS: "1" }), undefined);
  assertEquals(placeIn({ TF_CONFIG: "" }), undefined);
});

Deno.test("torchrun's variables give rank, size and the leader's address", () => {
  const { source, ...place } = placeIn(torch)!;
  assertEquals(place, { rank: 2, size: 4, host: "node1", port: 29500 });
  assert(source.includes("RANK"));
});

Deno.test("some of torchrun's variables are refused, with those that are missing", () => {
  const { WORLD_SIZE: _, MASTER_PORT: __, ...some } = torch;
  assert(/found RANK and MASTER_ADDR .*without WORLD_SIZE and MASTER_PORT/.test(refusal(some)));
  assert(refusal({ ...torch, MASTER_ADDR: "" }).includes("without MASTER_ADDR"));
});

Deno.test("numbers that cannot be are refused by the variable's name", () => {
  assert(refusal({ ...torch, RANK: "4" }).includes("rank 4 of 4 processes"));
  assert(refusal({ ...torch, RANK: "-1" }).includes("RANK=-1"));
  assert(refusal({ ...torch, RANK: "1.5" }).includes("RANK=1.5"));
  assert(refusal({ ...torch, WORLD_SIZE: "0" }).includes("of 0 processes"));
  assert(refusal({ ...torch, WORLD_SIZE: "four" }).includes("WORLD_SIZE=four"));
  assert(refusal({ ...torch, MASTER_PORT: "65536" }).includes("MASTER_PORT=65536"));
  assert(refusal({ ...torch, MASTER_PORT: "0" }).includes("MASTER_PORT=0"));
});

Deno.test("Slurm's variables give the first node, and a port that follows from the job", () => {
  const nodes = { SLURM_STEP_NODELIST: "gpu[07-09],cpu1", SLURM_JOB_NUM_NODES: "4" };
  const { source: _, ...place } = placeIn({ ...slurm, ...nodes })!;
  assertEquals(place, { rank: 2, size: 4, host: "gpu07", port: 23456 });
  assertEquals(placeIn({ ...slurm, SLURM_JOB_NODELIST: "n1" })!.host, "n1");
  // One node: nothing outside it takes part.
  assertEquals(placeIn({ ...slurm, ...nodes, SLURM_JOB_NUM_NODES: "1" })!.host, "127.0.0.1");
  assertEquals(placeIn(slurm)!.host, "127.0.0.1");
});

Deno.test("an exported address and port hold for Slurm too", () => {
  const { host, port } = placeIn({ ...slurm, MASTER_ADDR: "ib0", MASTER_PORT: "4000" })!;
  assertEquals([host, port], ["ib0", 4000]);
  const { SLURM_JOB_ID: _, ...nameless } = slurm;
  assert(refusal(nameless).includes("without SLURM_JOB_ID"));
  assertEquals(placeIn({ ...nameless, MASTER_PORT: "4000" })!.port, 4000);
});

Deno.test("TF_CONFIG gives the place in the cluster, the chief before the workers", () => {
  const { source: _, ...place } = placeIn(tensorflow({ type: "worker", index: 2 }))!;
  assertEquals(place, { rank: 2, size: 4, host: "a", port: 1000 });
  const led = { chief: ["[::1]:9"], worker: ["b:1", "c:2"] };
  assertEquals(placeIn(tensorflow({ type: "worker", index: 0 }, led))!.rank, 1);
  const chief = placeIn(tensorflow({ type: "chief", index: 0 }, led))!;
  assertEquals([chief.rank, chief.size, chief.host, chief.port], [0, 3, "::1", 9]);
  assertEquals(placeIn(tensorflow({ type: "worker", index: "1" }))!.rank, 1);
});

Deno.test("a TF_CONFIG that says something else is refused", () => {
  assert(refusal({ TF_CONFIG: "{" }).includes("no JSON"));
  assert(refusal({ TF_CONFIG: "null" }).includes("no worker"));
  assert(refusal({ TF_CONFIG: "{}" }).includes("no worker"));
  const parameters = { ...cluster, ps: ["e:1"] };
  assert(refusal(tensorflow({ type: "ps", index: 0 }, parameters)).includes('the job "ps"'));
  for (const task of [{ type: "worker", index: 4 }, { type: "chief", index: 0 }, {}, undefined]) {
    assert(refusal(tensorflow(task)).includes("none of the cluster"), JSON.stringify(task));
  }
  const broken = { worker: ["a:1", "b"] };
  assert(refusal(tensorflow({ type: "worker", index: 0 }, broken)).includes("HOST:PORT"));
});

Deno.test("variables that contradict each other are refused, equal ones are not", () => {
  assertEquals(placeIn({ ...slurm, ...torch })!.host, "node1");
  const message = refusal({ ...slurm, ...torch, RANK: "1" });
  assert(message.includes("RANK and WORLD_SIZE says rank 1 of 4"), message);
  assert(message.includes("SLURM_PROCID and SLURM_NTASKS says rank 2 of 4"), message);
  assert(refusal({ ...torch, ...tensorflow({ type: "worker", index: 0 }) }).includes("TF_CONFIG"));
  // torchrun starts several processes in each of Slurm's.
  const started = { ...slurm, ...torch, RANK: "1", TORCHELASTIC_RUN_ID: "none" };
  assertEquals(placeIn(started)!.rank, 1);
});

Deno.test("the first node of Slurm's lists", () => {
  const lists = {
    "node1": "node1",
    "node1,node2": "node1",
    "gpu[003-010,12]-ib,login1": "gpu003-ib",
    "r[1-2]n[05,07],x": "r1n05",
    " a.b-c ": "a.b-c",
  };
  for (const [list, first] of Object.entries(lists)) assertEquals(firstNode(list), first);
  for (const list of ["", ",a", "gpu[003", "a b", "n[x-y]"]) {
    assertThrows(() => firstNode(list), UserError);
  }
});

Deno.test("limits are seconds of the environment", () => {
  assertEquals(groupLimits(() => undefined), { join: 120, silence: 60, operation: 900 });
  const given: Variables = { HASHIGO_JOIN_SECONDS: "7", HASHIGO_OPERATION_SECONDS: "8.5" };
  assertEquals(groupLimits((name) => given[name]), { join: 7, silence: 60, operation: 8.5 });
  for (const text of ["0", "", "soon", "-3", "1e9"]) {
    assertThrows(
      () => groupLimits((name) => name.includes("SILENCE") ? text : undefined),
      UserError,
    );
  }
});
