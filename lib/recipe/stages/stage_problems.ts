/** What is wrong with the stages of a recipe, before any of them begins. */
import { startMisfit } from "../../nn/selection/start_encoder.ts";
import { contradictions } from "../consistency.ts";
import { describeStudent } from "../describe_student.ts";
import type { Recipe } from "../options.ts";
import { recipeSchema } from "../schema.ts";
import { describeIssues } from "../schema_errors.ts";
import { encoderConfigOf, studentInputOf } from "../student_config.ts";
import { type StageInput, stageInputs } from "./stage_input.ts";
import { wholeOptions } from "./stage_options.ts";

/** Lines about stages that are no recipes, or whose students cannot follow each other; none where all is well. */
export function stageProblems(recipe: Recipe): string[] {
  const { stages } = recipe;
  if (stages === undefined) return [];
  const problems = [...namesOfStages(recipe), ...optionsOfStages(recipe)];
  if (problems.length > 0) return problems;
  let before: Recipe | undefined;
  return stageInputs(recipe, `runs/${recipe.name}`).flatMap((stage, i) => {
    const wrong: string[] = [...previousOfFirst(stage, i)];
    const parsed = recipeSchema.safeParse(stage.input, { reportInput: true });
    const own: Recipe | undefined = parsed.success ? parsed.data : undefined;
    wrong.push(
      ...parsed.success
        ? contradictions(parsed.data)
        : describeIssues(parsed.error.issues, recipeSchema),
    );
    if (wrong.length === 0 && stage.startsFromPrevious && before !== undefined) {
      wrong.push(...startOfStudent(before, parsed.data!));
    }
    before = own;
    return wrong.map((line) => `stage "${stage.name}": ${line}`);
  });
}

function namesOfStages({ stages = [] }: Recipe): string[] {
  const names = stages.map(({ name }) => name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  return repeated === undefined
    ? []
    : [`"stages": "${repeated}" stands there twice; give each stage a name of its own`];
}

function optionsOfStages({ stages = [] }: Recipe): string[] {
  return stages.flatMap((stage) =>
    wholeOptions.filter((option) => option !== "name" && Object.hasOwn(stage, option))
      .map((option) =>
        `stage "${stage.name}": "${option}" is one of the whole recipe; set it there`
      )
  );
}

function previousOfFirst(stage: StageInput, i: number): string[] {
  if (i > 0) return [];
  return [
    ...stage.learnsFromPrevious
      ? ['"teachers": there is no stage before the first whose student could be "previous"']
      : [],
    ...stage.startsFromPrevious
      ? ['"start": there is no stage before the first; leave it out, or "own"']
      : [],
  ];
}

/** Both students, where one cannot begin as the other. */
function startOfStudent(before: Recipe, own: Recipe): string[] {
  const reason = startMisfit(encoderConfigOf(before), encoderConfigOf(own)) ??
    inputMisfit(before, own);
  if (reason === undefined) return [];
  const { from: _, ...student } = own.student;
  return [
    `its student cannot start from that of the stage before: ${reason}\n` +
    `      before:  ${describeStudent(before)}\n` +
    `      student: ${describeStudent({ ...own, student })}\n` +
    '      give "start": "own", or a student that can',
  ];
}

function inputMisfit(before: Recipe, own: Recipe): string | undefined {
  const [was, is] = [before, own].map((recipe) => {
    const { mean, std } = studentInputOf(recipe);
    return `mean [${mean.join(", ")}] and deviation [${std.join(", ")}]`;
  });
  return was === is ? undefined : `its images have ${was}, the student's ${is}`;
}
