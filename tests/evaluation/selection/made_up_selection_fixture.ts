/** A choice of teachers that never was, and features of which it is known what each adds. */
import type { SelectionMaterial } from "../../../lib/evaluation/selection/material.ts";
import type { Selection } from "../../../lib/evaluation/selection/selection.ts";
import type { FeatureMatrix } from "../../../lib/metrics/feature_matrix.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

/** Numbers of each candidate's features. */
const width = 6;

/**
 * Four candidates on images of four classes, whose number has two digits: the first knows one digit, the second
 * the other, the third is a copy of the first with a little noise, the last is noise alone and the largest.
 */
export function madeUpMaterial(images = 160): SelectionMaterial {
  const labels = Int32Array.from({ length: images }, (_, i) => i % 4);
  const noise = (place: number, strength: number) =>
    randomStream(7).at(place).normal(images * width).map((value) => strength * value);
  const telling = (digit: (label: number) => number, place: number): FeatureMatrix => ({
    features: noise(place, 0.5).map((value, i) => {
      const label = labels[Math.floor(i / width)]!, column = i % width;
      return value + (column === digit(label) ? 2 : 0);
    }),
    width,
  });
  const first = telling((label) => label % 2, 1), second = telling((label) => label >> 1, 2);
  const little = noise(3, 0.02);
  const copy = { features: first.features.map((value, i) => value + little[i]!), width };
  const features = [first, second, copy, { features: noise(4, 1), width }];
  const names = ["parity", "half", "copy", "noise"];
  return {
    candidates: names.map((name, place) => ({
      ...{ name, source: name, readout: "as it is" },
      parameters: 1e6 * [2, 3, 1, 9][place]!,
      milliseconds: place + 1,
    })),
    tasks: [{ name: "classes", weight: 1, labels, features }],
    images: { name: "made-up images", features },
  };
}

/** A choice of the first of the named teachers; the last one is over the budget. */
export function madeUpSelection(names: readonly string[]): Selection {
  const matrix = names.map((_, row) =>
    names.map((_, column) => row === column ? 0 : 0.1 * (row + 1))
  );
  const difference = { difference: 4, low: 1.5, high: 6.5 };
  const steps = names.slice(0, -1).map((_, place) => ({
    members: Array.from({ length: place + 1 }, (_, i) => i),
    ...{ added: place, accuracy: 70 + 4 * place, cost: 2 * place + 2, value: 70 + 4 * place },
    gain: place === 0 ? null : place === 1 ? difference : { ...difference, low: -1 },
    representativeness: 60 + 10 * place,
  }));
  const { members, accuracy, cost, value } = steps[1]!;
  return {
    ...{ by: "labels", probe: "both", canvas: 64, seed: 0, unit: "M", costWeight: 0, budget: 9 },
    tasks: [{ name: "digits", images: 600, weight: 1 }],
    images: { name: "train images of digits", learnt: 400, heldOut: 200 },
    teachers: names.map((name, i) => ({
      ...{ name, source: name, parameters: 2e6, milliseconds: 1.25 },
      ...{ readout: "as it is", alone: 70 - i },
    })),
    ...{ steps, stop: "gain", chosen: { members, accuracy, cost, value } },
    losses: members.map((without) => ({ without, ...difference, share: 5.4 })),
    complements: matrix,
    ownPart: names.map((_, i) => 0.05 * i),
    rules: [
      { rule: "the largest one", members: [1], accuracy: 69, cost: 2 },
      { rule: "at random, in the mean", members: null, accuracy: 66.6, cost: 4 },
    ],
  };
}
