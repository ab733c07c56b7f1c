/** The account of a run over all its stages. */
import { type RunAccount, sumOfAccounts } from "../metrics/costs/account.ts";
import { readRunResult } from "./run_result.ts";
import { stageStates } from "./stage_states.ts";

/** What a finished run took; undefined where it, or one of its stages, has no account, as those of older versions. */
export async function readAccount(folder: string): Promise<RunAccount | undefined> {
  const stages = (await stageStates(folder)).map((stage) => stage.folder);
  const accounts: RunAccount[] = [];
  for (const one of stages.length === 0 ? [folder] : stages) {
    const { account } = await readRunResult(one);
    if (account === undefined) return undefined;
    accounts.push(account);
  }
  return sumOfAccounts(accounts);
}
