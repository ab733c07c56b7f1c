/** Shapes of a transformer's blocks, which differ from one another where they were pruned. */
import type { BlockConfig } from "./block.ts";

/** Widths of each block of a pruned transformer, block by block; without them all blocks are alike. */
export interface PrunedBlocks {
  /** Hidden width of each block's MLP. Default: what `mlpRatio` gives. */
  readonly hiddenWidths?: readonly number[];
  /** Heads of each block, as wide as `width / heads`. Default: `heads`. */
  readonly headCounts?: readonly number[];
  /** Width of the queries and keys of each block's heads. Default: `width / heads`. */
  readonly queryWidths?: readonly number[];
}

const lists = ["hiddenWidths", "headCounts", "queryWidths"] as const;

/** Whether any block is pruned. */
export function isPruned(config: PrunedBlocks): boolean {
  return lists.some((name) => config[name] !== undefined);
}

/**
 * The shape of one block.
 *
 * @example
 * ```ts
 * import { blockConfigOf } from "./block_shapes.ts";
 * const config = { width: 8, heads: 4, headCounts: [4, 2] };
 * const { heads, headWidth } = blockConfigOf(config, 1);
 * if (heads !== 2 || headWidth !== 2) throw new Error("Half of the heads, each as wide");
 * ```
 */
export function blockConfigOf(config: BlockConfig & PrunedBlocks, block: number): BlockConfig {
  const { hiddenWidths, headCounts, queryWidths, ...usual } = config;
  if (!isPruned(config)) return usual;
  return {
    ...usual,
    heads: headCounts?.[block] ?? config.heads,
    headWidth: config.width / config.heads,
    queryWidth: queryWidths?.[block],
    hidden: hiddenWidths?.[block],
  };
}

/** What is wrong with the widths of pruned blocks; undefined where nothing is. */
export function blockMisfit(config: PrunedBlocks & { readonly depth: number }): string | undefined {
  const wrong = lists.find((name) => {
    const widths = config[name];
    if (widths === undefined) return false;
    return widths.length !== config.depth ||
      widths.some((width) => !(Number.isSafeInteger(width) && width > 0));
  });
  if (wrong === undefined) return undefined;
  return `${wrong} are [${
    config[wrong]!.join(", ")
  }], expected ${config.depth} whole numbers of at ` +
    "least 1, one for each block";
}
