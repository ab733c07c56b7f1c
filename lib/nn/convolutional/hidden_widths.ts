/** The channels inside blocks, by which a pruned convolutional network differs from its kind. */
import { UserError } from "../../errors/user_error.ts";
import { isExpanded, type Stage } from "./stage.ts";

/**
 * Channels inside a stage that nothing outside of it sees: between the convolutions of a shortcut's branch.
 * Undefined where there are none, as in a stem, or where a filter runs on what comes in.
 */
export function hiddenWidthOf(stage: Stage): number | undefined {
  switch (stage.kind) {
    case "convolution":
      return undefined;
    case "invertedResidual":
      return isExpanded(stage) ? stage.hidden : undefined;
    case "basicBlock":
      return stage.hidden ?? stage.outputs;
    case "bottleneck":
      return stage.hidden;
  }
}

/**
 * Stages with other numbers of channels inside.
 *
 * @param widths One for each stage that has channels of its own, in their order. Default: as they are.
 * @throws {UserError} Where there are more or fewer than that, or one is no whole number of at least 1.
 *
 * @example
 * ```ts
 * import { withHiddenWidths } from "./hidden_widths.ts";
 * const stage = { kind: "basicBlock", inputs: 16, outputs: 16, stride: 1, shortcut: "padded" } as const;
 * const [pruned] = withHiddenWidths([stage], [8]);
 * if (!("hidden" in pruned!) || pruned.hidden !== 8) throw new Error("Expected half of the channels");
 * ```
 */
export function withHiddenWidths(stages: Stage[], widths?: readonly number[]): Stage[] {
  if (widths === undefined) return stages;
  const count = stages.filter((stage) => hiddenWidthOf(stage) !== undefined).length;
  if (
    widths.length !== count || widths.some((width) => !(Number.isSafeInteger(width) && width > 0))
  ) {
    throw new UserError(
      `Cannot build a convolutional network with the hidden widths [${
        widths.join(", ")
      }]: expected ` +
        `${count} whole numbers of at least 1, one for each block. Leave them out for the usual ones`,
    );
  }
  let next = 0;
  return stages.map((stage) => {
    if (stage.kind === "convolution" || hiddenWidthOf(stage) === undefined) return stage;
    const hidden = widths[next++]!;
    return stage.kind === "invertedResidual"
      ? { ...stage, hidden, expanded: true }
      : { ...stage, hidden };
  });
}
