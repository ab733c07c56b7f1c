/**
 * The student against each teacher, and against all of them side by side; and larger and smaller students;
 * on the generated world.
 *
 * Command: `deno task experiments world_student_and_teachers`
 * Expect:  about 1 minute for each of 9 runs or more on two cores; results in docs/experiments.md
 * Paper:   Tables 2, B and F
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { worldColumns } from "./world_columns.ts";

const sized = (name: string, width: number, depth: number) => ({
  name,
  title: `student, width ${width}, depth ${depth}`,
  recipe: { ...world, student: { ...world.student, width, depth, heads: width / 32 } },
});

const claim = (teacher: string) => ({
  claim: `The student knows more in the mean than its teacher of ${teacher}`,
  paper: "+2.7 TR over the best teacher (Table B)",
  from: teacher,
  to: "student",
  column: "factors",
  expected: "up" as const,
  ...teacher === "parts"
    ? {
      why:
        "Who knows where things are can count them and see their colours: it is the best teacher of all.",
    }
    : {},
});

export default defineExperiment({
  name: "world_student_and_teachers",
  title: "The student against its teachers",
  paper: "Tables 2, B and F",
  description:
    "Frozen features of the teachers, of all four side by side, and of students of three sizes.",
  rows: [
    ...world.teachers.map((name) => ({
      name: name.replace("world_", ""),
      title: `teacher of ${name.replace("world_", "")}`,
      model: name,
    })),
    { name: "side_by_side", title: "four teachers side by side", model: world.teachers.join("+") },
    { name: "pixels", model: "pixels" },
    { name: "untrained", title: "untrained transformer", model: "random" },
    sized("small", 32, 4),
    { ...sized("student", 64, 4), recipe: world },
    sized("large", 128, 4),
  ],
  ...worldSeeds,
  tasks: worldTasks,
  columns: worldColumns,
  claims: [
    ...["shape", "palette", "background", "parts"].map(claim),
    {
      claim: "The student is better at dense prediction than the dense teacher",
      paper: "+3.0 mIoU over iBOT (Table B)",
      from: "parts",
      to: "student",
      column: "parts",
      expected: "up",
      why: "The student sees the world in 16 places, the teacher in 64.",
    },
    {
      claim: "The student nearly keeps the task of the hardest teacher",
      paper: "-0.2 IN against dBOT-ft (Table B)",
      from: "shape",
      to: "student",
      column: "shape",
      expected: "same",
      tolerance: 2,
      why: "The teacher took 4,000 steps from labels for it; the student has 640 for all four.",
    },
    {
      claim: "A smaller student costs the mean over tasks",
      paper: "-3.5 TR from ViT-B to ViT-S (Table F)",
      from: "student",
      to: "small",
      column: "factors",
      expected: "down",
    },
  ],
});
