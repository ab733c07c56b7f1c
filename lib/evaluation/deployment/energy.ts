/** The processor's own meter of energy, where the machine has one and lets it be read. */

const meter = "/sys/class/powercap/intel-rapl:0";

/** Reads the joules that were used since some moment; undefined where no meter can be read. */
export async function readJoules(): Promise<number | undefined> {
  // Deno itself opens nothing below /sys with the permission to read files only.
  const command = new Deno.Command("grep", {
    args: ["-h", ".", `${meter}/energy_uj`],
    stdout: "piped",
    stderr: "null",
  });
  const output = await command.output().catch(() => undefined);
  const value = Number(new TextDecoder().decode(output?.stdout).trim() || NaN);
  return Number.isFinite(value) ? value / 1e6 : undefined;
}
