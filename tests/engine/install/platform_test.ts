import { assertEquals, assertThrows } from "@std/assert";
import { chooseBuild, TensorFlowUnavailable } from "../../../lib/engine/install/platform.ts";

const machine = { os: "linux", architecture: "x86_64", hasCuda: false, hasAvx: true };

Deno.test("each kind of machine gets its build", () => {
  assertEquals(chooseBuild(machine).variant, "linux-x86_64-cpu");
  assertEquals(chooseBuild({ ...machine, hasCuda: true }).variant, "linux-x86_64-cuda");
  assertEquals(chooseBuild({ ...machine, architecture: "aarch64" }).variant, "linux-aarch64");
  const mac = chooseBuild({ ...machine, os: "darwin", architecture: "aarch64" });
  assertEquals([mac.variant, mac.library], ["darwin-aarch64", "libtensorflow_cc.2.dylib"]);
});

Deno.test("the error of a machine without a wheel lists those that have one", () => {
  const windows = { ...machine, os: "windows" };
  assertThrows(() => chooseBuild(windows), TensorFlowUnavailable, "On Windows use WSL");
  const oldMac = { ...machine, os: "darwin" };
  assertThrows(() => chooseBuild(oldMac), TensorFlowUnavailable, "darwin x86_64");
  assertThrows(() => chooseBuild({ ...machine, hasAvx: false }), TensorFlowUnavailable, "AVX");
});
