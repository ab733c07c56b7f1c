/** `deno task test`: every test and every documented example, closing on one line of counts. */
import { defineCommand } from "../command.ts";

const summaryLine = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \| (\d+) ignored)?/;

export const test = defineCommand({
  name: "test",
  group: "maintain",
  summary: "Runs all tests and the examples of the documentation",
  example: "tests/method/projectors/ladder_test.ts",
  positionals: ["[FILE...]"],
  options: {
    filter: { type: "text", value: "TEXT", summary: "only tests whose name contains TEXT" },
  },
  run: async ({ options, positionals, emit }) => {
    const files = positionals.length > 0 ? positionals : ["tests", "lib", "mod.ts"];
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "--allow-all",
        "--doc",
        "--quiet",
        ...options.filter === undefined ? [] : ["--filter", options.filter],
        ...files,
      ],
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const decoder = new TextDecoder();
    let tail = "";
    for await (const chunk of child.stdout) {
      await Deno.stdout.write(chunk);
      tail = (tail + decoder.decode(chunk, { stream: true })).slice(-4000);
    }
    const { code } = await child.status;
    const [, passed = "0", failed = "0", skipped = "0"] = summaryLine.exec(tail) ?? [];
    emit({ passed: +passed, failed: +failed, skipped: +skipped });
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return code === 0 && Number(passed) > 0 ? 0 : 1;
  },
});
