/** What a test for drift has found, as programs read it. */
import {
  type DriftOfFolders,
  type DriftRequest,
  tellingImages,
} from "../../inference/drift/drift_of_folders.ts";
import type { Harm } from "../../inference/drift/harm.ts";
import type { DriftAxis } from "../../metrics/drift/detect_drift.ts";

/** Images of each kind that the record names. */
const namedImages = 20;

/** A test, with its number and its p-value. */
interface TestRecord {
  readonly test: "axes" | "discrepancy" | "classifier";
  /** Largest distance of distribution functions; MMD² without bias; area under the curve. */
  readonly statistic: number;
  readonly p: number;
}

/** The content of `drift.json`. */
export interface DriftRecord extends Omit<DriftRequest, "harm"> {
  readonly model: string;
  readonly drift: boolean;
  /** The least p-value of the three tests, times three. */
  readonly p: number;
  readonly tests: readonly TestRecord[];
  readonly axes: readonly DriftAxis[];
  /** Images that were tested, and those that cannot be read. */
  readonly tested: { readonly reference: number; readonly images: number };
  readonly unreadable: { readonly reference: number; readonly images: number };
  /** The new images most unlike the reference, by the classifier's held-out score, the surest first. */
  readonly newest: readonly { readonly image: string; readonly score: number }[];
  /** `null` where the teachers were not asked; `whyNoHarm` then says why. */
  readonly harm: Harm | null;
  readonly whyNoHarm?: string | undefined;
  /** Of decoding, features and tests. */
  readonly seconds: number;
}

/** The record of a test. */
export function driftRecord(
  result: DriftOfFolders,
  request: DriftRequest,
  { model, seconds }: { readonly model: string; readonly seconds: number },
): DriftRecord {
  const { drift: { drift, p, axes, discrepancy, classifier }, names, unreadable, harm } = result;
  return {
    model,
    ...{ drift, p },
    tests: [
      { test: "axes", statistic: Math.max(...axes.each.map((one) => one.statistic)), p: axes.p },
      { test: "discrepancy", statistic: discrepancy.statistic, p: discrepancy.p },
      { test: "classifier", statistic: classifier.statistic, p: classifier.p },
    ],
    ...request,
    harm: "absent" in harm ? null : harm,
    ...("absent" in harm) && { whyNoHarm: harm.absent },
    tested: { reference: names.reference.length, images: names.images.length },
    unreadable,
    newest: tellingImages(result, namedImages).images,
    axes: axes.each,
    seconds,
  };
}
