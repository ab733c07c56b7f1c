/**
 * Sets of flags of XLA that may make a step faster on some processor, by name. They leave products in full
 * precision; a name is all that recipes and files hold of them, so that nobody can slip in others.
 *
 * @module
 */

/** The sets. XLA reads flags once, when its library starts. */
export const flagSets = {
  plain: [],
  onednn_dot: ["--xla_cpu_use_onednn=true", "--xla_cpu_experimental_onednn_fusion_type=dot"],
  onednn_dot_eltwise: [
    "--xla_cpu_use_onednn=true",
    "--xla_cpu_experimental_onednn_fusion_type=dot,eltwise",
  ],
  ynn_no_reduce: ["--xla_cpu_experimental_ynn_fusion_type=-reduce"],
  xnnpack: ["--xla_cpu_use_xnnpack=true"],
  vectors_512: ["--xla_cpu_prefer_vector_width=512"],
  one_codegen_unit: ["--xla_cpu_parallel_codegen_split_count=1"],
} as const satisfies { readonly [name: string]: readonly string[] };

/** A key of {@linkcode flagSets}. */
export type FlagSetName = keyof typeof flagSets;

/** Names of all sets, the plain one first. */
export const flagSetNames = Object.keys(flagSets) as FlagSetName[];

/** Names of the flags of a set, without dashes and values. */
export function flagNames(set: FlagSetName): string[] {
  return flagSets[set].map((flag: string) => flag.replace(/^--/, "").replace(/=.*$/, ""));
}
