import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { checkTraining } from "../../../lib/training/check_training.ts";
import tinyTest from "../../../recipes/tiny_test.ts";
import { accountRates } from "../../../lib/training/account/rates.ts";

const environment = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("what is given comes before the environment, and that before the default", () => {
  const none = environment({});
  assertEquals(accountRates({}, none), { wattsPerCore: 12 });
  const both = environment({ HASHIGO_WATTS_PER_CORE: "4.5", HASHIGO_GRID_INTENSITY: "52" });
  assertEquals(accountRates({}, both), { wattsPerCore: 4.5, gridIntensity: 52 });
  const given = { wattsPerCore: 7, gridIntensity: 800 };
  assertEquals(accountRates(given, both), given);
  const empty = environment({ HASHIGO_WATTS_PER_CORE: "", HASHIGO_GRID_INTENSITY: "" });
  assertEquals(accountRates({}, empty), { wattsPerCore: 12 });
});

Deno.test("what is no number above 0, or too large, is refused by its name", () => {
  for (const gridIntensity of [0, -1, NaN, Infinity, 3001]) {
    const { message } = assertThrows(() => accountRates({ gridIntensity }), UserError);
    assertStringIncludes(message, `found gridIntensity ${gridIntensity}, expected g CO2e`);
  }
  for (const text of ["twelve", "0", "1001", "12 W"]) {
    const { message } = assertThrows(
      () => accountRates({}, environment({ HASHIGO_WATTS_PER_CORE: text })),
      UserError,
    );
    assertStringIncludes(message, `found HASHIGO_WATTS_PER_CORE ${text}, expected watts`);
  }
});

Deno.test("a wrong variable is refused before anything is opened", async () => {
  const before = Deno.env.get("HASHIGO_GRID_INTENSITY");
  Deno.env.set("HASHIGO_GRID_INTENSITY", "green");
  try {
    await assertRejects(() => checkTraining(tinyTest), UserError, "HASHIGO_GRID_INTENSITY green");
  } finally {
    if (before === undefined) Deno.env.delete("HASHIGO_GRID_INTENSITY");
    else Deno.env.set("HASHIGO_GRID_INTENSITY", before);
  }
});
