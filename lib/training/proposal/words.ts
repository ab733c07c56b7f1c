/** A proposal in lines for people. */
import { describeStudent } from "../../recipe/describe_student.ts";
import { defineRecipe } from "../../recipe/recipe.ts";
import type { ProposalFacts } from "./facts.ts";
import { type Proposal, teacherAt } from "./propose_recipe.ts";

/**
 * What was found and chosen, before the run itself plans its steps: a line for the images, each teacher and the
 * student.
 */
export function proposalLines(
  { recipe: input, size, images }: Proposal,
  facts: ProposalFacts,
): string[] {
  const recipe = defineRecipe(input);
  const number = (value: number) => value.toLocaleString("en-US");
  const part = images < facts.images
    ? `; ${number(images)} of them, drawn by the seed, since more find no time`
    : "";
  const teachers = facts.teachers.map((teacher) => {
    const { inputSize = teacher.ownInput.size } = teacherAt(teacher, size);
    const milliseconds = 1000 * teacher.seconds * (inputSize / teacher.timedSize) ** 2;
    return `  teacher: ${teacher.spec.name} at ${inputSize} px, ${
      milliseconds.toPrecision(2)
    } ms an image`;
  });
  return [
    `plan for ${input.budget?.minutes} min:`,
    `  images:  ${number(facts.images)}, their shorter side about ${facts.side} px${part}`,
    ...teachers,
    `  student: ${describeStudent(recipe)}`,
  ];
}
