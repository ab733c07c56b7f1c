/** All experiments, the most important first: `deno task experiments` runs them in this order. */
import type { Experiment } from "@hashigo/hashigo/experiments";
import mainJob from "./main_job.ts";
import mainJobSettings from "./main_job_settings.ts";
import realCombinations from "./real_combinations.ts";
import realComponents from "./real_components.ts";
import realDropping from "./real_dropping.ts";
import realScarceData from "./real_scarce_data.ts";
import realSubsets from "./real_subsets.ts";
import warmStart from "./warm_start.ts";
import worldBalancing from "./world_balancing.ts";
import worldCapacity from "./world_capacity.ts";
import worldCombinations from "./world_combinations.ts";
import worldComponents from "./world_components.ts";
import worldDropping from "./world_dropping.ts";
import worldDynamics from "./world_dynamics.ts";
import worldLadder from "./world_ladder.ts";
import worldProxy from "./world_proxy.ts";
import worldScarceData from "./world_scarce_data.ts";
import worldStandardizers from "./world_standardizers.ts";
import worldStudentAndTeachers from "./world_student_and_teachers.ts";

const experiments: readonly Experiment[] = [
  mainJob,
  mainJobSettings,
  warmStart,
  worldComponents,
  worldDropping,
  worldBalancing,
  worldCombinations,
  worldStudentAndTeachers,
  worldProxy,
  worldLadder,
  worldScarceData,
  worldStandardizers,
  worldDynamics,
  worldCapacity,
  realComponents,
  realDropping,
  realCombinations,
  realScarceData,
  realSubsets,
];

export default experiments;
