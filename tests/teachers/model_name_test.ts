import { assertEquals } from "@std/assert";
import { formatModelName, type ModelName, parseModelName } from "../../lib/teachers/model_name.ts";

const teacher = (name: string, inputSize?: number) =>
  ({ kind: "teacher", name, inputSize }) as const;
const student = (path: string) => ({ kind: "student", path }) as const;
const checkpoint = (family: string, path: string, inputSize?: number) =>
  ({ kind: "checkpoint", family, path, inputSize }) as const;

const names: { readonly [text: string]: ModelName } = {
  "pixels": { kind: "pixels" },
  "random": { kind: "random" },
  "random:runs/demo": { kind: "random", run: "runs/demo" },
  "random:runs/a+b@32": { kind: "random", run: "runs/a+b@32" },
  "resnet20_cifar10": teacher("resnet20_cifar10"),
  "resnet20_cifar10@48": teacher("resnet20_cifar10", 48),
  "a+b": { kind: "concatenation", parts: [teacher("a"), teacher("b")] },
  "a@32+b+c@64": {
    kind: "concatenation",
    parts: [teacher("a", 32), teacher("b"), teacher("c", 64)],
  },
  "dino:my.pth": checkpoint("dino", "my.pth"),
  "dino:my.pth@224": checkpoint("dino", "my.pth", 224),
  "dino:a+b@32": checkpoint("dino", "a+b", 32),
  "dino:a@32@64": checkpoint("dino", "a@32", 64),
  "dino:folder@2/my.pth": checkpoint("dino", "folder@2/my.pth"),
  "dino:other:file": checkpoint("dino", "other:file"),
  "runs/demo": student("runs/demo"),
  "./runs/demo@64": student("./runs/demo@64"),
  "student.safetensors": student("student.safetensors"),
};

const hostile: { readonly [text: string]: ModelName } = {
  "": student(""),
  "@64": student("@64"),
  "x@0": teacher("x", 0),
  "x@": student("x@"),
  "x@-1": student("x@-1"),
  "x@64@32": student("x@64@32"),
  "x@99999999999999999999": student("x@99999999999999999999"),
  "a+": { kind: "concatenation", parts: [teacher("a"), student("")] },
  "+": { kind: "concatenation", parts: [student(""), student("")] },
  "a+pixels": { kind: "concatenation", parts: [teacher("a"), teacher("pixels")] },
  "random:": { kind: "random", run: "" },
  "random@64": teacher("random", 64),
  "dino:": student("dino:"),
  "dino:@32": student("dino:@32"),
  ":my.pth": student(":my.pth"),
  "a b": student("a b"),
  // A drive reads as a family: only a run that is there, or ./, tells them apart.
  "C:\\runs\\demo": checkpoint("C", "\\runs\\demo"),
  "dino:C:\\weights\\my.pth@64": checkpoint("dino", "C:\\weights\\my.pth", 64),
};

for (const [text, name] of Object.entries({ ...names, ...hostile })) {
  Deno.test(`model name ${JSON.stringify(text)} reads as a ${name.kind}, and is written alike`, () => {
    assertEquals(parseModelName(text), name);
    assertEquals(formatModelName(name), text);
  });
}

Deno.test("a model's input size is written without leading zeros", () => {
  assertEquals(formatModelName(parseModelName("resnet20_cifar10@048")), "resnet20_cifar10@48");
});
