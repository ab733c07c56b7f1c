/** What models cost where they run, in a form that is kept beside the code. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { Deployment } from "../../evaluation/deployment/deployment.ts";
import { deploymentMarkdown } from "../tables/deployment_table.ts";
import { type Provenance, provenanceText } from "./provenance.ts";

/** Writes the table of a deployment, which names its machine itself, with the command and the date below. */
export async function recordDeployment(
  deployment: Deployment,
  path: string,
  { command, date }: Provenance,
  options: { readonly headSeconds?: number | undefined } = {},
): Promise<void> {
  const table = deploymentMarkdown(deployment, options.headSeconds);
  await writeFileAtomic(path, `${table}\n\n${provenanceText({ command, date })}.\n`);
}
