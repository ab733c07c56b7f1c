/** The page `docs/guide.md`: which part pays off when, what it costs, what to look at first in use. */
import { currentResults } from "../../experiments/outcome.ts";
import { judgeClaims } from "../../experiments/judge_claims.ts";
import { byImages } from "./by_images.ts";
import { byMinutes } from "./by_minutes.ts";
import { byPart } from "./by_part.ts";
import { bySize } from "./by_size.ts";
import { byTeachers } from "./by_teachers.ts";
import { decisions, type Finding } from "./effect.ts";
import { experimentLink, type GuideInput } from "./guide_input.ts";
import { inDeployment } from "./in_deployment.ts";
import { whatItCosts } from "./what_it_costs.ts";

/**
 * The page as Markdown. Its sentences are written by hand, its figures and its verdicts come from the records alone.
 *
 * @throws {UserError} where a sentence names an experiment, a row or a column that there is not
 */
export function guidePage(input: GuideInput): string {
  const lines = [
    ...byPart(input),
    ...byImages(input),
    ...byMinutes(input),
    ...byTeachers(input),
    ...bySize(input),
  ];
  return [
    "# Guide: what pays off when",
    "",
    "Written by `deno task guide` from [data/results](../data/results); do not edit by hand. Figures are differences in " +
    "percentage points of frozen features, mean over seeds ± standard deviation: helps or costs where the 90 % interval " +
    "(Student's t) lies on one side of 0, else within noise, which one in ten without any effect leaves by chance; a single seed decides nothing. They are in the mean over " +
    "the tasks of the experiment unless said otherwise; each link leads to its command, processor and date. These runs " +
    "take minutes on two cores: for longer ones they are hints.",
    "",
    ...inShort(lines.filter((line) => typeof line !== "string")),
    ...lines.map((line) => typeof line === "string" ? line : findingText(line)),
    ...whatItCosts(input),
    ...inDeployment(input),
    ...notMeasured(input),
  ].join("\n");
}

function findingText({ title, decision, text }: Finding): string {
  return `- **${title}: ${decision}**. ${sentenceCase(text)}.`;
}

/** The findings of the page by what they say. */
function inShort(findings: readonly Finding[]): string[] {
  return [
    "## In short",
    "",
    ...decisions.flatMap((decision) => {
      const titles = findings.filter((one) => one.decision === decision)
        .map(({ title }) => title.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()));
      return titles.length === 0 ? [] : [`- **${sentenceCase(decision)}**: ${titles.join("; ")}.`];
    }),
    "",
  ];
}

/** Experiments and claims without results. */
function notMeasured({ outcomes }: GuideInput): string[] {
  const unrun = outcomes.filter((outcome) => currentResults(outcome).length === 0)
    .map(({ experiment }) => experimentLink(experiment.name));
  const open = outcomes.filter((outcome) => currentResults(outcome).length > 0).flatMap(
    (outcome) => {
      const claims = judgeClaims(outcome).filter(({ verdict }) => verdict === "not run");
      return claims.length === 0
        ? []
        : [`${claims.length} claims of ${experimentLink(outcome.experiment.name)}`];
    },
  );
  const all = [...unrun, ...open];
  return [
    "## Not measured",
    "",
    all.length === 0 ? "Every experiment has been run." : `Not run yet: ${all.join(", ")}.`,
    "No run on record was metered by RAPL, and none ran on a GPU.",
    "",
  ];
}

function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
