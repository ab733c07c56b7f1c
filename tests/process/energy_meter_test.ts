/** Counters of energy in a folder like the kernel's. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readEnergyMeter } from "../../lib/process/energy_meter.ts";
import { inTemporaryFolder } from "../io/temporary_folder_fixture.ts";

interface Zone {
  readonly name: string;
  readonly energy_uj?: string;
  readonly max_energy_range_uj?: string;
}

async function writeZones(folder: string, zones: Record<string, Zone>): Promise<void> {
  for (const [zone, files] of Object.entries(zones)) {
    await Deno.mkdir(`${folder}/${zone}`);
    for (const [file, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${zone}/${file}`, `${text}\n`);
    }
  }
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "the packages of a machine are read, and neither their parts nor sums of them",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const range = { max_energy_range_uj: "262143328850" };
      await writeZones(folder, {
        "intel-rapl:0": { name: "package-0", energy_uj: "262143000000", ...range },
        "intel-rapl:0:0": { name: "core", energy_uj: "1", ...range },
        "intel-rapl:1": { name: "psys", energy_uj: "7", ...range },
        "intel-rapl:2": { name: "package-1", energy_uj: "42", ...range },
        "intel-rapl-mmio:0": { name: "package-0", energy_uj: "5", ...range },
        "intel-rapl:15": { name: "package-2-die-1", energy_uj: "0" },
      });
      const { counters } = await readEnergyMeter(folder);
      assertEquals([...counters ?? []], [
        ["intel-rapl:0", { microjoules: 262143000000, range: 262143328850 }],
        ["intel-rapl:2", { microjoules: 42, range: 262143328850 }],
        ["intel-rapl:15", { microjoules: 0, range: NaN }],
      ]);
    }),
});

Deno.test({
  name: "a meter that is not there, or that not all of may be read, is none, with its reason",
  ignore,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      assertStringIncludes((await readEnergyMeter(`${folder}/absent`)).reason ?? "", "no meter");
      assertStringIncludes((await readEnergyMeter(folder)).reason ?? "", "no meter");
      // A file that root alone may read looks like one that is not there.
      await writeZones(folder, {
        "intel-rapl:0": { name: "package-0", energy_uj: "12" },
        "intel-rapl:1": { name: "package-1" },
      });
      assertStringIncludes((await readEnergyMeter(folder)).reason ?? "", "may not be read");
      await Deno.writeTextFile(`${folder}/intel-rapl:1/energy_uj`, "$(id)\n");
      assertStringIncludes((await readEnergyMeter(folder)).reason ?? "", "may not be read");
    }),
});

Deno.test("a program that may not run grep is told so, and asked for nothing", async () => {
  const module = new URL("../../lib/process/energy_meter.ts", import.meta.url);
  const program = `import { readEnergyMeter } from ${JSON.stringify(module.href)};` +
    "console.log((await readEnergyMeter()).reason);";
  const source = `data:application/typescript,${encodeURIComponent(program)}`;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-config", source],
    stdin: "null",
  }).output();
  assertEquals(success, true);
  const text = new TextDecoder().decode(stdout);
  assertStringIncludes(text, ignore ? "no meter" : "grep, which may not be run");
});
