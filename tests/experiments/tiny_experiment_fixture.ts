import type { Experiment } from "../../lib/experiments/experiment.ts";
import tinyTest from "../../recipes/tiny_test.ts";

const { name: _, seed: __, ...recipe } = tinyTest;

/** A recipe of seconds. */
export const tiny = recipe;

/** A student and a frozen model, on two seeds. */
export const experiment: Experiment = {
  name: "tiny",
  title: "Tiny",
  paper: "none",
  description: "A test.",
  rows: [
    {
      name: "student",
      recipe: { ...tiny, optimization: { batchSize: 8, steps: 50, learningRate: 1e-3 } },
    },
    { name: "pixels", model: "pixels" },
  ],
  seeds: [0, 1],
  tasks: ["digits"],
  columns: [{ title: "digits", measures: ["knn digits"] }],
  claims: [],
};
