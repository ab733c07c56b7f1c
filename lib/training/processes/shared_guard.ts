/** One decision over a step at all processes, with the state to go back to where it is undone. */
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { StateShape } from "../../method/state.ts";
import type { GuardSettings } from "../../recipe/options.ts";
import type { Layout } from "../../tensors/parameters.ts";
import type { RunGuard } from "../guard/guard.ts";
import { type GuardState, judgeStep } from "../guard/policy.ts";
import { receiveState, shareState } from "./shared_state.ts";
import { keepSlices, type Sharding } from "./sharding.ts";

type Sharing = Pick<ProcessGroup, "rank" | "say" | "broadcast">;

/** The leader's guard: where it goes back to a checkpoint, it gives the state to all. */
export function leadingGuard(
  guard: RunGuard,
  { group, sharding }: { readonly group: Sharing; readonly sharding: Sharding | undefined },
): RunGuard {
  return {
    get state() {
      return guard.state;
    },
    async judge(step) {
      const outcome = await guard.judge(step);
      if (!("tensors" in outcome) || outcome.tensors === undefined) return outcome;
      const state = { step: step.state.step, tensors: outcome.tensors };
      await sharding?.goOn(step.state);
      await shareState(group, state, { guard: guard.state });
      const { tensors } = sharding === undefined ? state : keepSlices(state, sharding);
      return { ...outcome, tensors };
    },
  };
}

/**
 * Decides as the leader's guard does, from the same numbers: all update, or none. Where the leader ends the run
 * for it, it says so.
 *
 * @param begun the leader's, from before the first step
 */
export function followingGuard(
  settings: GuardSettings,
  begun: GuardState,
  { group, sharding, layout, shape }: {
    readonly group: Sharing;
    readonly sharding: Sharding | undefined;
    readonly layout: Layout;
    readonly shape: StateShape;
  },
): RunGuard {
  let state = begun;
  return {
    get state() {
      return state;
    },
    async judge({ measurements, state: ofStep }) {
      const decision = judgeStep(state, measurements, settings);
      state = decision.state;
      if (decision.action === "update") return { update: state.updates };
      const incident = "the leader decides";
      if (decision.action !== "rollback") return { incident };
      await sharding?.goOn(ofStep);
      const received = await receiveState(group, layout, shape, sharding?.keep);
      state = received.guard;
      return { incident, tensors: received.state.tensors };
    },
  };
}
