import { assertEquals, assertStringIncludes } from "@std/assert";
import { modelCard } from "../../../lib/report/card/model_card.ts";
import type { CardFacts } from "../../../lib/report/card/card_facts.ts";
import { renderReport } from "../../../lib/report/page/report.ts";
import { accountFacts, accountText } from "../../../lib/report/tables/account_text.ts";
import { madeUpRun } from "../run_fixture.ts";

const account = {
  processorSeconds: 812,
  kilowattHours: 0.002706667,
  meteredShare: 0,
  wattsPerCore: 12,
};
const carbon = { gridIntensity: 400, gramsCo2e: 1.0826668 };

Deno.test("what energy rests on is said: watts of a core, the meter, or both", () => {
  const energyOf = (more: object) => accountFacts({ ...account, ...more })[1]![1];
  assertEquals(
    energyOf({ notMetered: "this machine has no meter" }),
    "0.00271 kWh of the processor, reckoned at 12 W a busy core (default): this machine has no meter",
  );
  assertStringIncludes(energyOf({ wattsPerCore: 4.5 }), "reckoned at 4.5 W a busy core");
  assertStringIncludes(
    energyOf({ meteredShare: 1 }),
    "by its meter (RAPL), other programs and all",
  );
  assertStringIncludes(
    energyOf({ meteredShare: 0.25 }),
    "25 % of the time by its meter, else at 12 W a busy core",
  );
});

Deno.test("carbon is reckoned where the grid is known, and else how to name it is said", () => {
  assertEquals(
    accountFacts(account)[2]![1],
    "not reckoned: no grid intensity was given (--grid-intensity or HASHIGO_GRID_INTENSITY)",
  );
  assertEquals(accountFacts({ ...account, ...carbon })[2]![1], "1.08 g CO2e at 400 g/kWh");
});

Deno.test("the account stands in the terminal, in the report and on the card", () => {
  const full = { ...account, ...carbon, flop: { student: 12.34e12, teachers: 4.5e12 } };
  assertEquals(
    accountText(full),
    [
      "it took:",
      "  processor time  13 min 32 s",
      "  energy          0.00271 kWh of the processor, reckoned at 12 W a busy core (default)",
      "  carbon          1.08 g CO2e at 400 g/kWh",
      "  arithmetic      student 12.3 TFLOP, teachers 4.5 TFLOP",
    ].join("\n"),
  );
  const run = madeUpRun();
  const page = renderReport({ ...run, account: full }, { plotly: "" });
  for (const part of ["Compute and carbon", "13 min 32 s", "images seen", "12.3 TFLOP"]) {
    assertStringIncludes(page, part);
  }
  assertEquals(renderReport(run, { plotly: "" }).includes("Compute and carbon"), false);
  const facts: CardFacts = {
    ...{ name: "a", digest: "d", parameters: 1, network: "n", size: 8, width: 8 },
    ...{ teachers: [], images: [], account: { ...full, notMetered: "a | b" } },
  };
  const card = modelCard(facts, { command: "export", date: "2026-11-29", files: [] });
  assertStringIncludes(card, "- carbon: 1.08 g CO2e at 400 g/kWh");
  assertStringIncludes(card, "a \\| b");
});
