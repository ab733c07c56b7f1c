/** The processor's own meter of energy: the counters of Linux's powercap, where they can be read. */

/** The counter of one processor package. */
export interface EnergyCounter {
  /** What it shows, in microjoules. */
  readonly microjoules: number;
  /** The highest that it shows, after which it begins again at 0; NaN where that is not known. */
  readonly range: number;
}

/** The counters of all packages by their folder, or why there is none to be read. */
export type EnergyReading =
  | { readonly counters: ReadonlyMap<string, EnergyCounter>; readonly reason?: undefined }
  | { readonly counters?: undefined; readonly reason: string };

/** Folders in which counters of packages may lie; more than eight sockets are not heard of. */
const zones = Array.from({ length: 16 }, (_, i) => `intel-rapl:${i}`);
const files = ["name", "energy_uj", "max_energy_range_uj"] as const;

/**
 * Reads the meter. Packages alone count: their cores are parts of them, and `psys` is a sum of them. Memory and
 * graphics cards have counters of their own, or none.
 *
 * @param folder of the counters; tests have one of their own
 *
 * @example
 * ```ts
 * import { readEnergyMeter } from "./energy_meter.ts";
 * const { counters, reason } = await readEnergyMeter("/nowhere");
 * if (counters !== undefined || !reason.includes("meter")) throw new Error("There is none");
 * ```
 */
export async function readEnergyMeter(folder = "/sys/class/powercap"): Promise<EnergyReading> {
  const none = { reason: "this machine shows no meter of energy" };
  if (Deno.build.os !== "linux") return none;
  const { state } = await Deno.permissions.query({ name: "run", command: "grep" });
  if (state !== "granted") {
    return { reason: "its meter of energy is read by grep, which may not be run here" };
  }
  const content = await read(
    zones.flatMap((zone) => files.map((file) => `${folder}/${zone}/${file}`)),
  );
  const counters = new Map<string, EnergyCounter>();
  for (const zone of zones) {
    const [name, microjoules, range] = files.map((file) =>
      content.get(`${folder}/${zone}/${file}`)
    );
    if (name === undefined || !name.startsWith("package-")) continue;
    const shown = wholeNumber(microjoules);
    if (Number.isNaN(shown)) return { reason: "its meter of energy may not be read by this user" };
    counters.set(zone, { microjoules: shown, range: wholeNumber(range) });
  }
  return counters.size === 0 ? none : { counters };
}

/** The first lines of files by path; of those alone that can be read. */
async function read(paths: readonly string[]): Promise<Map<string, string>> {
  // Deno itself opens nothing below /sys with the permission to read files only.
  const command = new Deno.Command("grep", {
    args: ["-sHm1", ".", ...paths],
    stdout: "piped",
    stderr: "null",
  });
  const output = await command.output().catch(() => undefined);
  const lines = new TextDecoder().decode(output?.stdout).split("\n");
  return new Map(paths.flatMap((path) => {
    const line = lines.find((line) => line.startsWith(`${path}:`));
    return line === undefined ? [] : [[path, line.slice(path.length + 1).trim()]];
  }));
}

function wholeNumber(text = ""): number {
  return /^\d{1,16}$/.test(text) ? Number(text) : NaN;
}
