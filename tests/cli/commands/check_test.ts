/** Every mistake is found before an image is decoded, a network opened or a folder made. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Command } from "../../../lib/cli/command.ts";
import { catalogue } from "../../../lib/cli/main.ts";
import { runCommand } from "../../../lib/cli/run_command.ts";
import { minimal } from "../../recipe/minimal_recipe_fixture.ts";
import { png, writeFiles } from "../../images/images_fixture.ts";

const recipe = {
  ...minimal,
  images: { sources: [{ path: "photos" }], size: 32 },
  teachers: ["specialist_digits"],
  optimization: { batchSize: 2, steps: 2 },
};

/** In an empty working folder with an empty cache, beside images, a recipe and a folder of other things. */
async function inWorkingFolder(body: () => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo" });
  const [before, cache] = [Deno.cwd(), Deno.env.get("XDG_CACHE_HOME")];
  try {
    await writeFiles(folder, {
      "photos/cat/1.png": await png(1),
      "photos/dog/2.png": await png(2),
      "notes/thesis.txt": "",
      "recipe.json": JSON.stringify(recipe),
      "runs_of_mine/recipe.json": JSON.stringify(recipe),
    });
    Deno.env.set("XDG_CACHE_HOME", `${folder}/cache`);
    Deno.chdir(folder);
    await body();
  } finally {
    Deno.chdir(before);
    if (cache === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", cache);
    await Deno.remove(folder, { recursive: true });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    names.push(`${folder}/${name}`);
    if (isDirectory) names.push(...await filesBelow(`${folder}/${name}`));
  }
  return names.sort();
}

const set = (...settings: string[]) => settings.flatMap((setting) => ["--set", setting]);
const out = ["--images", "photos", "--out", "f.safetensors"];

/** Arguments, and a part of the message. */
const mistakes: { readonly [command: string]: readonly (readonly [string[], string])[] } = {
  distill: [
    [["recipe.json", ...set("teachers=specialist_digit")], "Did you mean specialist_digits"],
    [["recipe.json", ...set("teachers=deeplab_v3_voc@97")], "inputSize: 97 }"],
    [["recipe.json", ...set("teachers=dino:my.pth")], 'its file under "checkpoint"'],
    [["recipe.json", ...set("teachers.0.checkpoint=dino:my.pth")], "no such file"],
    [["recipe.json", ...set("teachers.0.checkpoint=dino2:my.pth")], "dinov2"],
    [["recipe.json", ...set("teachers.0.inputSize=33")], "multiple of 8"],
    [["recipe.json", ...set("teachers.0.heads=3")], "only a teacher with"],
    [["recipe.json", ...set("evaluation.tasks=digit")], "Did you mean digits"],
    [["recipe.json", ...set("evaluation.metrics=kn")], '"evaluation.metrics.0"'],
    [["recipe.json", ...set("images.sources.0.path=photo")], 'Did you mean "photos"'],
    [["recipe.json", "--run", "recipe.json"], "is a file"],
    [["recipe.json", "--run", "recipe.json/r"], "is a file"],
    [["recipe.json", "--run", "notes"], "not a run"],
    [["recipe.json", "--run", "photos/run"], "lies in the images"],
    [["recipe.json", "--run", "runs_of_mine"], "--resume"],
    [
      ["recipe.json", "--run", "runs_of_mine", "--resume", ...set("student.width=48")],
      "student.width: 96 -> 48",
    ],
    [["recipe.json", "--allow", "seed"], "without --resume"],
    [["recipe.jsn"], "no such file"],
  ],
  demo: [[["--run", "notes"], "not a run"], [["--run", "recipe.json"], "is a file"]],
  evaluate: [
    [["pixels", "--data", "digit"], "Did you mean digits"],
    [["resnet20_cifar", "--data", "digits"], "Did you mean resnet20_cifar10"],
    [["resnet20_cifar10+pixel", "--data", "digits"], '"pixel"'],
    [["random:runs_of_yours", "--data", "digits"], "runs_of_yours/recipe.json"],
    [["dino:my.pth", "--data", "digits"], "no such file"],
    [["runs_of_mine", "--data", "digits"], "no student.safetensors"],
    [["pixels", "--data", "digits", "--metric", "segmentation"], "expected at least one of knn"],
    [["pixels", "--data", "digits", "--costs", "costs.csv"], "no such file"],
    [["pixels", "--data", "digits", "--csv", "tables/rows.csv"], 'no folder "tables"'],
    [["pixels", "--data", "digits", "--csv", "notes"], "found a folder"],
    [["pixels", "--data", "digits", "--out", "recipe.json"], "is a file"],
    [["pixels", "--data", "photos", "--out", "photos/results"], "lies in the images"],
    [["pixels", "random", "--data", "digits", "--analysis", "digits"], "without a run"],
    [["pixels", "random", "--data", "digits", "--pictures", "digits"], "without a run"],
    [["pixels", "--data", "digits", "--record", "a command"], "without --suite or --deployment"],
    [["pixels", "pixels", "--data", "digits"], "Found pixels twice"],
    [["pixels", "--data", "digits,digits"], "Found digits twice"],
    [["pixels", "--data", "digits", "--out", "new", "--shard", "5/4"], "Found the part 5/4"],
    [["pixels", "--data", "digits", "--out", "new", "--shard", "0/4"], "Found the part 0/4"],
    [["pixels", "--data", "digits", "--out", "new", "--shard", "x"], "such as 3/16"],
    [["pixels", "--data", "digits", "--shard", "1/1"], "--out FOLDER"],
    [["pixels", "--data", "digits", "--out", "new", "--shard", "1/2"], "found 1 pairs"],
  ],
  features: [
    [["pixel", ...out], "Did you mean pixels"],
    [["pixels", ...out, "--batch", "-1"], "at least 1"],
    [["pixels", ...out, "--batch", "1.5"], "at least 1"],
    [["pixels", "--images", "photo", "--out", "f.safetensors"], 'Did you mean "photos"'],
    [["pixels", "--images", "photos", "--out", "new/f.safetensors"], 'no folder "new"'],
    [["pixels", "--images", "photos", "--out", "recipe.json/f.safetensors"], "is no folder"],
  ],
  export: [
    [["runs_of_mine", "--format", "timm", "--out", "new/s.pth"], 'no folder "new"'],
    [["runs_of_mine", "--format", "timm", "--out", "s.pth"], "no student.safetensors"],
  ],
  report: [
    [["notes"], "found no recipe.json"],
    [["runs_of_mine", "--screenshot", "new/page.png"], 'no folder "new"'],
    [["runs_of_mine", "--beside", "notes"], "without --record"],
  ],
  experiments: [
    [["world_components", "--steps", "0"], "at least 1"],
    [["world_components", "--seeds", "-1"], "at least 1"],
    [["world_component"], "Did you mean world_components"],
    [["world_components", "--rows", "nothing"], 'no row "nothing"'],
    [["world_components", "--shard", "5/4"], "Found the part 5/4"],
    [["world_components", "--shard", "0/4"], "Found the part 0/4"],
    [["world_components", "--shard", "x"], "such as 3/16"],
    [["world_components", "--shard", "1/100"], "Choose fewer parts"],
    [["world_components", "--merge", "photos"], "a folder without results of world_components"],
    [["world_components", "--merge", "photos", "--shard", "1/2"], "expected it alone"],
    [["world_components", "--merge", "photos", "--list"], "expected it alone"],
    [["world_components", "--steps", "2", "--runs", "recipe.json"], "is a file"],
  ],
  specialists: [
    [["digit"], 'the kind "digit"'],
    [["digits", "--steps", "0.5"], "at least 1"],
    [["digits", "--out", "recipe.json"], "is a file"],
  ],
};

for (const [name, list] of Object.entries(mistakes)) {
  Deno.test(`${name} finds mistakes before it makes anything`, () =>
    inWorkingFolder(async () => {
      const command: Command = await catalogue[name]!.load();
      const before = await filesBelow(".");
      for (const [args, message] of list) {
        const lines: string[] = [];
        const write = (line: string) => void lines.push(line);
        const status = await runCommand(command, args, { output: { out: write, err: write } });
        const said = lines.join("\n");
        assertEquals(status, 2, `${name} ${args.join(" ")}: ${said}`);
        assertStringIncludes(said, message);
        // Nothing but the mistake: no line of work begun.
        assertEquals(lines.length, 1, said);
        assertEquals(await filesBelow("."), before, `${name} ${args.join(" ")}`);
      }
    }));
}
