/** Readouts applied to pooled features, and the statistics that they need. */
import { type FeatureMatrix, joinUnitRows } from "../../metrics/feature_matrix.ts";
import {
  type NumberStatistics,
  numberStatistics,
  standardizeRows,
} from "../../metrics/representation/standardize_rows.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import {
  type FittedReadout,
  isAsItIs,
  type Readout,
  type ReadoutStatistics,
} from "../../teachers/readout/readout.ts";
import { partName, partsOf } from "../../teachers/readout/readout_backbone.ts";
import type { PartFeatures } from "./part_features.ts";

/** Outputs of parts of a network, by name. */
export type Parts = ReadonlyMap<string, PartFeatures>;

/** Statistics of a part's tokens. */
export interface PartStatistics {
  /** Of the image's token. */
  readonly cls: NumberStatistics;
  /** Of the patches; absent where the part has none. */
  readonly patch?: NumberStatistics | undefined;
}

/** Statistics of all parts over the images of several packs, every image counting the same. */
export function partStatistics(corpus: readonly Parts[]): ReadonlyMap<string, PartStatistics> {
  const names = [...corpus[0]?.keys() ?? []];
  return new Map(names.map((name) => {
    const joined = (kind: keyof PartFeatures) =>
      stacked(corpus.map((parts) => parts.get(name)![kind]));
    const [cls, patch] = [joined("cls")!, joined("patch")];
    return [name, {
      cls: numberStatistics(cls),
      patch: patch && numberStatistics(patch, joined("squares")),
    }];
  }));
}

/** Rows of all matrices below each other; undefined where one is missing. */
function stacked(matrices: readonly (FeatureMatrix | undefined)[]): FeatureMatrix | undefined {
  const there = matrices.filter((matrix) => matrix !== undefined), [first] = there;
  if (first === undefined || there.length < matrices.length) return undefined;
  const features = new Float32Array(there.reduce((sum, { features }) => sum + features.length, 0));
  let offset = 0;
  for (const matrix of there) {
    features.set(matrix.features, offset);
    offset += matrix.features.length;
  }
  return { features, width: first.width };
}

/** The image feature of a readout, `[images, width]`, as `withReadout` computes it on the engine. */
export function applyReadout(
  readout: Readout,
  parts: Parts,
  statistics: ReadonlyMap<string, PartStatistics>,
): FeatureMatrix {
  if (isAsItIs(readout)) return parts.get("last")!.cls;
  const { standardized, predictions = {} } = readout;
  const read = partsOf(readout).map((part) => {
    const name = partName(part), { cls } = parts.get(name)!;
    return standardized === true && "stage" in part
      ? standardizeRows(cls, statistics.get(name)!.cls)
      : cls;
  });
  const weights = partsOf(readout).map((part) => "stage" in part ? 1 : predictions[part.teacher]!);
  return joinUnitRows(read, weights);
}

/** The readout with the network that it is of and, where stages are standardised, the statistics. */
export function fittedReadout(
  readout: Readout,
  { digest, tokens }: Pick<Backbone, "digest" | "tokens">,
  statistics: ReadonlyMap<string, PartStatistics>,
  corpus: string,
): FittedReadout {
  if (readout.standardized !== true) return { ...readout, network: digest };
  const ofStages = readout.stages.map((stage) => {
    const { cls, patch } = statistics.get(`${stage}`)!;
    const kinds = { cls: rounded(cls), ...tokens.includes("patch") && { patch: rounded(patch!) } };
    return [`${stage}`, kinds] as const;
  });
  return { ...readout, network: digest, corpus, statistics: Object.fromEntries(ofStages) };
}

/** Numbers that single precision cannot tell from the exact ones, which need half the place. */
function rounded({ mean, deviation }: NumberStatistics): ReadoutStatistics {
  const short = (values: Float64Array) =>
    Array.from(values, (value) => Number(value.toPrecision(9)));
  return { mean: short(mean), deviation: short(deviation) };
}
