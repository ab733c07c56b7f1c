/** What each part of the method is worth in short runs. */
import { grouped } from "../format.ts";
import { type Finding, finding, type Pair } from "./effect.ts";
import { type GuideInput, stepsOf } from "./guide_input.ts";

/** Each part added to the ones before it, and what varies them. */
export function byPart(input: GuideInput): (string | Finding)[] {
  const steps = (name: string) => grouped(stepsOf(input, name, "unic"));
  const [world, real] = ["world_components", "real_components"];
  const both = (from: string, to: string): Pair[] => [
    { experiment: world!, from, to },
    { experiment: real!, from, to },
  ];
  const settings = (from: string, to: string): Pair => ({
    experiment: "main_job_settings",
    from,
    to,
  });
  return [
    "## By part, in short runs",
    "",
    `Four small teachers of a generated world in ${
      steps(world!)
    } steps, four networks made by others in ${
      steps(real!)
    }, and the main job in six minutes; each of the first four adds one part to the one before it.`,
    "",
    finding(input, "Standardised teacher features", both("basic", "standardised")),
    finding(
      input,
      "Projectors of their own for CLS and patches",
      both("standardised", "dedicated"),
    ),
    finding(input, "The ladder of projectors", [
      ...both("dedicated", "ladder"),
      settings("no_ladder", "base"),
    ]),
    finding(input, "Teacher dropping, p = 0.5", [
      ...both("ladder", "unic"),
      settings("base", "dropping"),
    ]),
    finding(
      input,
      "Teacher dropping, to bring the worst teacher's loss near the best's",
      both("ladder", "unic").map((pair) => ({ ...pair, columns: ["loss ratio"] })),
    ),
    finding(input, "Teacher dropping, p = 1", [
      { experiment: "world_dropping", from: "image_0", to: "image_100" },
      { experiment: "real_dropping", from: "image_0", to: "image_100" },
    ]),
    finding(input, "All four parts together", both("basic", "unic")),
    finding(input, "A hidden layer in the heads", [
      { experiment: "world_ladder", from: "top_0", to: "top_1" },
    ]),
    finding(input, "Statistics fitted before the first step instead of running ones", [
      { experiment: "world_standardizers", from: "ema", to: "fixed" },
    ]),
    finding(input, "PHI-S instead of running statistics", [
      { experiment: "world_standardizers", from: "ema", to: "phi_s" },
    ]),
    finding(input, "The teacher of parts four times as heavy", [
      { experiment: "world_balancing", from: "equal", to: "parts_x4" },
    ]),
    "",
  ];
}
