/**
 * Which teachers: every set of four, and all six; on the generated world.
 *
 * Command: `deno task experiments world_combinations`
 * Expect:  about 1 minute for each of 48 runs or more on two cores; results in docs/experiments.md
 * Paper:   Table A (single teachers, two pairs, all four)
 */
import { defineExperiment } from "@hashigo/hashigo/experiments";
import { world, worldSeeds, worldTasks } from "../world.ts";
import { lossRatio, worldColumns } from "./world_columns.ts";

const four = ["shape", "palette", "background", "parts"];
const pairs = four.flatMap((one, i) => four.slice(i + 1).map((other) => [one, other]));
const triples = four.map((left) => four.filter((one) => one !== left));

const of = (subjects: readonly string[]) => ({
  name: subjects.length === 6 ? "all_six" : subjects.join("_"),
  title: subjects.length === 6 ? "all six" : subjects.join(", "),
  recipe: { ...world, teachers: subjects.map((subject) => `world_${subject}`) },
});

export default defineExperiment({
  name: "world_combinations",
  title: "Number and combination of teachers",
  paper: "Table A",
  description: "Students of every set of four teachers, and of two more teachers.",
  rows: [
    of(four),
    ...four.map((one) => of([one])),
    ...pairs.map(of),
    ...triples.map(of),
    of([...four, "texture", "count"]),
  ],
  ...worldSeeds,
  tasks: worldTasks,
  columns: [...worldColumns, lossRatio],
  claims: [
    ...four.slice(0, 3).map((one) => ({
      claim: `The student of four knows more in the mean than the student of ${one} alone`,
      paper: "+2.2 TR over the best single-teacher student (Table A)",
      from: one,
      to: "shape_palette_background_parts",
      column: "factors",
      expected: "up" as const,
    })),
    {
      claim: "The student of four is better at parts than the student of the dense teacher alone",
      paper: "+2.7 mIoU over iBOT alone (Table A)",
      from: "parts",
      to: "shape_palette_background_parts",
      column: "parts",
      expected: "up",
      why:
        "A student of 0.2 M parameters has no room to spare: what others teach is taken from the dense teacher.",
    },
    {
      claim: "Four teachers beat two in the mean over tasks",
      paper: "+1.2 TR over DINO and DeiT-III (Table A)",
      from: "shape_parts",
      to: "shape_palette_background_parts",
      column: "factors",
      expected: "up",
    },
    {
      claim: "Two more teachers lift the mean over tasks again",
      paper: "two to four: +1.2 TR (Table A)",
      from: "shape_palette_background_parts",
      to: "all_six",
      column: "factors",
      expected: "up",
    },
    {
      claim: "More teachers do not cost the task of the hardest one",
      paper: "+0.7 IN from two to four (Table A)",
      from: "shape",
      to: "shape_palette_background_parts",
      column: "shape",
      expected: "same",
      why: "Too few steps for the hard teacher, see the components.",
    },
  ],
});
