/** Watts of a core and grid intensity: given, from the environment, or the default. */
import { UserError } from "../../errors/user_error.ts";
import { type AccountRates, defaultWattsPerCore } from "../../metrics/costs/account.ts";

/** What of the account of a run can be given; it changes nothing else. */
export interface AccountOptions {
  /**
   * Watts of a busy core, for energy that no meter counts. Default: `HASHIGO_WATTS_PER_CORE`, else
   * {@linkcode defaultWattsPerCore}.
   */
  readonly wattsPerCore?: number | undefined;
  /**
   * Grams of CO2 equivalent for a kilowatt-hour. Default: `HASHIGO_GRID_INTENSITY`, else not known: grids differ
   * so much that a guess would say nothing.
   */
  readonly gridIntensity?: number | undefined;
}

const most = { wattsPerCore: 1000, gridIntensity: 3000 } as const;

/**
 * The rates of an account.
 *
 * @throws {UserError} for what is no number above 0, or too large to be meant
 */
export function accountRates(
  { wattsPerCore, gridIntensity }: AccountOptions = {},
  environment: (name: string) => string | undefined = (name) => Deno.env.get(name),
): AccountRates {
  const watts = checked("wattsPerCore", "HASHIGO_WATTS_PER_CORE", wattsPerCore, environment);
  const intensity = checked("gridIntensity", "HASHIGO_GRID_INTENSITY", gridIntensity, environment);
  return {
    wattsPerCore: watts ?? defaultWattsPerCore,
    ...intensity !== undefined && { gridIntensity: intensity },
  };
}

function checked(
  name: keyof typeof most,
  variable: string,
  given: number | undefined,
  environment: (name: string) => string | undefined,
): number | undefined {
  const text = given === undefined ? environment(variable) || undefined : undefined;
  const value = given ?? (text === undefined ? undefined : Number(text));
  if (value === undefined || value > 0 && value <= most[name]) return value;
  const unit = name === "wattsPerCore" ? "watts of one busy core" : "g CO2e for a kilowatt-hour";
  throw new UserError(
    `Cannot keep the account of a run: found ${text === undefined ? name : variable} ${
      text ?? value
    }, expected ${unit}, above 0 and at most ${most[name]}. Give such a number, or none`,
  );
}
