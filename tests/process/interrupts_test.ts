import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./interrupts_fixture.ts", import.meta.url));

for (const [name, status] of [["SIGINT", "130"], ["SIGTERM", "143"]] as const) {
  Deno.test({
    name: `the first ${name} is a signal with the shell's status, the second ends the process`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", program],
        stdout: "piped",
      }).spawn();
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assertEquals((await lines.read()).value, "ready\n");
      child.kill(name);
      assertEquals((await lines.read()).value, `${status}\n`);
      child.kill(name);
      assertEquals((await child.status).signal, name);
      await lines.cancel();
    },
  });
}
