/** What each part of the method is worth in short runs. */
import { grouped } from "../format.ts";
import { type GuideInput, stepsOf } from "./guide_input.ts";
import { bullet, effect, type Pair } from "./pair_effect.ts";

/** Each part added to the ones before it. */
export function byPart(input: GuideInput): string[] {
  const both = (from: string, to: string): Pair[] => [
    ["world_components", from, to],
    ["real_components", from, to],
  ];
  const steps = (name: string) => grouped(stepsOf(input, name, "unic"));
  return [
    "## By part, in short runs",
    "",
    `Four small teachers of a generated world in ${
      steps("world_components")
    } steps, three networks made by others in ${
      steps("real_components")
    }; each of the first four adds one part to the one before it.`,
    "",
    bullet(input, "Standardised teacher features", both("basic", "standardised")),
    bullet(input, "Projectors of their own for CLS and patches", both("standardised", "dedicated")),
    bullet(input, "Ladder of projectors", [
      ...both("dedicated", "ladder"),
      ["main_job_settings", "no_ladder", "base"],
    ]),
    bullet(input, "Deeper heads: one hidden layer instead of none", [[
      "world_ladder",
      "top_0",
      "top_1",
    ]]),
    bullet(input, "Teacher dropping, p = 0.5", [
      ...both("ladder", "unic"),
      ["main_job_settings", "base", "dropping"],
    ]),
    `- **The same, for the ratio of the worst teacher's loss to the best's**: ${
      both("ladder", "unic").map((pair) => effect(input, pair, "loss ratio")).join("; ")
    }.`,
    bullet(input, "Teacher dropping, p = 1 instead of 0", [
      ["world_dropping", "image_0", "image_100"],
      ["real_dropping", "image_0", "image_100"],
    ]),
    bullet(input, "All parts together instead of none", both("basic", "unic")),
    bullet(input, "Statistics fitted before the first step instead of running ones", [
      ["world_standardizers", "ema", "fixed"],
    ]),
    bullet(input, "The teacher that knows most four times as heavy", [
      ["world_balancing", "equal", "parts_x4"],
    ]),
    "",
  ];
}
