import { assertEquals } from "@std/assert";
import { layWire, type Wire } from "../../../lib/bench/endurance/process_ranks.ts";
import { keepToLoopback } from "../../../lib/engine/collectives/loopback.ts";

const canWire = await layWire().then(async (wire) => {
  await wire?.[Symbol.asyncDispose]();
  return wire !== undefined;
});
const linux = Deno.build.os === "linux";

/** Whether a process in the network at the far end of the wire reaches a port at the near end. */
async function isReached({ address, namespace }: Wire, port: number): Promise<boolean> {
  const program = `await Deno.connect({ hostname: "${address}", port: ${port} })`;
  const child = new Deno.Command("timeout", {
    args: ["10", "ip", "netns", "exec", namespace, Deno.execPath(), "eval", program],
    stderr: "null",
  });
  return (await child.output()).success;
}

Deno.test({
  name: "a server at every interface is kept to this machine" +
    (linux ? "" : " (skipped: only Linux binds a listening socket to a device)"),
  ignore: !linux,
  async fn() {
    using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    using other = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    const { port } = listener.addr;
    assertEquals(keepToLoopback(port), 1);
    const [near, far] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port }),
      listener.accept(),
    ]);
    near.close();
    far.close();
    assertEquals(other.addr.port === port, false);
  },
});

Deno.test({
  name: "another machine reaches a server until it is kept to this one" +
    (canWire ? "" : " (skipped: laying a wire between networks takes root's rights)"),
  ignore: !canWire,
  async fn() {
    await using wire = (await layWire())!;
    using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
    assertEquals(await isReached(wire, listener.addr.port), true);
    keepToLoopback(listener.addr.port);
    assertEquals(await isReached(wire, listener.addr.port), false);
  },
});
