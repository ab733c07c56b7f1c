/**
 * Runs on record from which `deno task advise` tells what to expect: whose students count, beside which teachers,
 * and which pairs of rows differ by one part of the method.
 *
 * Command: `deno task experiments NAME` makes the table anew from all results on file
 * Expect:  data/results/past_runs.json and past_runs.md
 */
import type { Recipe } from "@hashigo/hashigo";
import type { Experiment } from "@hashigo/hashigo/experiments";
import demo from "./demo.ts";
import mainJob from "./experiments/main_job.ts";
import mainJobSettings from "./experiments/main_job_settings.ts";
import realComponents from "./experiments/real_components.ts";
import worldCombinations from "./experiments/world_combinations.ts";
import worldComponents from "./experiments/world_components.ts";
import worldScarceData from "./experiments/world_scarce_data.ts";
import worldStudentAndTeachers from "./experiments/world_student_and_teachers.ts";
import tinyImagenet from "./tiny_imagenet.ts";
import tinyImagenetFromScratch from "./tiny_imagenet_from_scratch.ts";

/** Experiments whose students count, and those of the same tasks whose frozen rows are their teachers. */
export const pastStudents: readonly {
  readonly experiment: Experiment;
  readonly teachers: Experiment;
}[] = [
  { experiment: mainJob, teachers: mainJob },
  { experiment: mainJobSettings, teachers: mainJobSettings },
  { experiment: worldStudentAndTeachers, teachers: worldStudentAndTeachers },
  { experiment: worldCombinations, teachers: worldStudentAndTeachers },
  { experiment: worldScarceData, teachers: worldStudentAndTeachers },
];

/** Runs that were recorded by themselves. */
export const recordedRecipes: readonly Recipe[] = [demo, tinyImagenet, tinyImagenetFromScratch];

/** Two rows that differ by one part of the method. */
export interface PastPair {
  readonly component: "standardisation" | "ladder" | "dropping";
  readonly experiment: Experiment;
  readonly without: string;
  readonly with: string;
}

/** The components one by one, in the order in which the paper adds them. */
const oneByOne = (experiment: Experiment): readonly PastPair[] => [
  { component: "standardisation", experiment, without: "basic", with: "standardised" },
  { component: "ladder", experiment, without: "dedicated", with: "ladder" },
  { component: "dropping", experiment, without: "ladder", with: "unic" },
];

const settings = (
  component: PastPair["component"],
  without: string,
  row: string,
): PastPair => ({ component, experiment: mainJobSettings, without, with: row });

/** All pairs; those without results yet are passed over. */
export const pastPairs: readonly PastPair[] = [
  ...oneByOne(realComponents),
  ...oneByOne(worldComponents),
  { component: "dropping", experiment: mainJob, without: "no_dropping", with: "short" },
  { component: "ladder", experiment: mainJob, without: "no_ladder", with: "short" },
  settings("ladder", "no_ladder", "base"),
  settings("dropping", "base", "dropping"),
  settings("dropping", "spatial", "dropping_spatial"),
  settings("dropping", "own", "dropping_own"),
  settings("dropping", "backbone_6e4", "dropping_6e4"),
];
