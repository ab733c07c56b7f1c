import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { benchJobs } from "../../../lib/bench/job/bench_job.ts";
import { jobRecipe, type JobSetting, jobSettings } from "../../../lib/bench/job/job_setting.ts";
import { writeJobFiles } from "../../../lib/bench/job/job_files.ts";
import { partNames, stopwatch, sum, wholeTimes } from "../../../lib/bench/job/part_time.ts";
import { startPyTorchJob } from "../../../lib/bench/job/job_pytorch.ts";
import { jobTable } from "../../../lib/bench/job/job_table.ts";
import { studentLayout } from "../../../lib/method/student.ts";
import { studentConfigOf } from "../../../lib/recipe/student_config.ts";
import { zoo } from "../../../lib/teachers/zoo/entries.ts";
import { inTemporaryFolder } from "../../io/temporary_folder_fixture.ts";

await startEngine();

const tiny: JobSetting = {
  ...{ student: "transformer", images: 6, fileSide: 24, batch: 2, size: 64, canvas: 64 },
  ...{ mobilenetSize: 64, depth: 1, width: 16, hidden: 4 },
};

/** The student's numbers with its heads, and the teachers', from shapes alone. */
function parametersOf(setting: JobSetting) {
  const recipe = jobRecipe(setting, "files");
  const tokens = setting.student === "transformer" ? ["cls", "patch"] as const : ["cls"] as const;
  const grids: Record<string, number> = {
    mobilenet_v2_imagenet: setting.mobilenetSize / 32,
    world_shape: 4,
    world_texture: 8,
  };
  const entries = recipe.teachers.map(({ name }) => zoo.find((entry) => entry.name === name)!);
  const shapes = entries.map(({ name, width }) => {
    const grid = [grids[name]!, grids[name]!] as const;
    return { name, width, tokens, grid };
  });
  return {
    student: studentLayout(studentConfigOf(recipe, shapes)).size,
    teachers: Object.fromEntries(entries.map(({ name, parameters }) => [name, parameters])),
  };
}

/** A stand-in for Python: every part takes a second for 3 images, and nothing can be compiled. */
const fakePython = (parameters: unknown) =>
  `#!/bin/sh
case "$2" in *'"compile":true'*) echo "no compiler here" >&2; exit 1;; esac
echo '${JSON.stringify({ version: "1.2", torchvision: "3.4", parameters })}'
while read -r request; do
  echo '{"images": 3, "seconds": 1, "processorSeconds": 1.5, "waitShare": 0.25}'
done
`;

async function withFake(parameters: unknown, body: (python: string) => Promise<void>) {
  await inTemporaryFolder(async (folder) => {
    const python = `${folder}/python`;
    await Deno.writeTextFile(python, fakePython(parameters), { mode: 0o755 });
    await body(python);
  });
}

Deno.test("a job is timed part by part, beside PyTorch's, and says what was not timed", () =>
  withFake(parametersOf(tiny), async (python) => {
    const lines: string[] = [];
    const onProgress = (line: string) => lines.push(line);
    const result = await benchJobs([tiny], { repeats: 1, python, onProgress });
    const [job] = result.jobs;
    assertEquals(job!.parameters, parametersOf(tiny));
    for (const part of partNames) {
      const { imagesPerSecond, processorSeconds } = job!.ours[part];
      assert(imagesPerSecond > 0 && processorSeconds > 0, part);
      assertEquals(job!.pytorch!.eager[part].imagesPerSecond, 3, part);
      assertEquals(job!.pytorch!.eager[part].processorSeconds, 0.5, part);
    }
    const { decode, step, live, cached } = job!.ours;
    const seconds = (rate: number) => 1 / rate;
    assert(live.processorSeconds > decode.processorSeconds);
    assert(seconds(cached.imagesPerSecond) > 0.3 * seconds(step.imagesPerSecond));
    assert(live.waitShare! >= 0 && cached.waitShare! >= 0);
    assertEquals(job!.pytorch!.eager.live.waitShare, 0.25);
    assertAlmostEquals(job!.ratios!.live, live.imagesPerSecond / 3, 1e-9);
    assertAlmostEquals(job!.ratios!.cached, cached.imagesPerSecond / 3, 1e-9);
    assertAlmostEquals(job!.ratios!.cachedOverLive, cached.imagesPerSecond / 3, 1e-9);
    assertEquals(job!.pytorch!.compiled, null);
    assertStringIncludes(job!.skipped.join(), "torch.compile was not timed: ");
    assertStringIncludes(job!.skipped.join(), "no compiler here");
    const table = jobTable(result).join("\n");
    for (
      const words of ["6 JPEG files of 24 px to a ViT at 64 px", "PyTorch 1.2, torchvision 3.4"]
    ) {
      assertStringIncludes(table, words);
    }
    assertStringIncludes(table, "no compiler here");
    assertEquals(lines.filter((line) => line.startsWith("round 1 of 1: ")).length, 2);
  }));

Deno.test("a live job is decoding and a pass over the same images, batch after batch", () => {
  const part = (images: number, seconds: number) => ({
    ...{ images, seconds, processorSeconds: 2 * seconds },
  });
  assertEquals(sum(part(2, 1), part(3, 0.5)), part(5, 1.5));
  const decode = part(6, 1), firstPass = { ...part(6, 3), waitShare: 0.1 };
  const others = { augment: part(6, 4), teachers: part(6, 5), step: part(6, 7) };
  const measured = { decode, firstPass, ...others, cached: part(6, 8) };
  assertEquals(wholeTimes(measured), {
    ...{ decode, ...others, cached: part(6, 8) },
    live: { images: 6, seconds: 4, processorSeconds: 8, waitShare: 0.1 },
  });
});

Deno.test("a stopwatch counts the work of the processor beside the time", async () => {
  const stop = stopwatch();
  const busy = performance.now();
  while (performance.now() - busy < 60);
  await new Promise((resolve) => setTimeout(resolve, 60));
  const { images, seconds, processorSeconds } = stop(4);
  assertEquals(images, 4);
  assert(seconds >= 0.11, `${seconds} s`);
  assert(processorSeconds > 0 && processorSeconds < 0.9 * seconds, `${processorSeconds} s`);
});

Deno.test("networks of other sizes are not compared", () => {
  const parameters = parametersOf(tiny);
  return withFake({ ...parameters, student: parameters.student + 1 }, async (python) => {
    const options = { repeats: 1, python };
    await assertRejects(() => benchJobs([tiny], options), Error, "The networks differ");
  });
});

Deno.test("the pictures of a job are JPEG files, the same each time", () =>
  inTemporaryFolder(async (folder) => {
    const contents: string[] = [];
    for (const place of [`${folder}/a`, `${folder}/b`]) {
      await Deno.mkdir(place);
      await writeJobFiles(place, { images: 2, fileSide: 16 });
      const files = ["0000.jpg", "0001.jpg"].map((name) => Deno.readFileSync(`${place}/${name}`));
      assertEquals([...files[0]!.subarray(0, 3)], [0xff, 0xd8, 0xff]);
      contents.push(files.map((bytes) => bytes.toBase64()).join());
    }
    assertEquals(contents[0], contents[1]);
    assert(new Set(contents[0]!.split(",")).size === 2, "each is another");
  }));

const python = Deno.env.get("HASHIGO_PYTHON") ?? "python3";
const usable = await new Deno.Command(python, { args: ["-c", "import torchvision, PIL"] }).output()
  .then(({ success }) => success, () => false);
const reason = usable
  ? ""
  : ` (skipped: ${python} has no torchvision and Pillow; HASHIGO_PYTHON names another)`;

for (const student of ["transformer", "mobilenet_v2"] as const) {
  Deno.test({
    name: `PyTorch's job of a ${student} has our networks, and every part of it runs${reason}`,
    ignore: !usable,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const sizes = student === "transformer" ? {} : { size: 32, mobilenetSize: 32 };
        const setting = { ...tiny, student, images: 4, ...sizes };
        const recipe = jobRecipe(setting, folder);
        await writeJobFiles(folder, setting);
        const place = { python, setting, recipe, files: folder, scratch: folder };
        const job = await startPyTorchJob({ ...place, compile: false }, "passive");
        try {
          assertEquals(job.parameters, parametersOf(setting));
          const times = await job.measure();
          for (const part of partNames) {
            assertEquals(times[part].images, 4, part);
            assert(times[part].seconds > 0 && times[part].processorSeconds > 0, part);
          }
        } finally {
          await job.close();
        }
      }),
  });
}

Deno.test("the standard jobs are of the sizes that their grids need", () => {
  for (const setting of Object.values(jobSettings)) {
    assertEquals(setting.images % setting.batch, 0);
    assert(parametersOf(setting).student > 1e6);
  }
});
