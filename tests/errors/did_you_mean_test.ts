import { assertEquals } from "@std/assert";
import { suggestion } from "../../lib/errors/did_you_mean.ts";

Deno.test("names that are near in spelling, or contain one another, are suggested", () => {
  assertEquals(suggestion("learningrat", ["learningRate", "steps"]), "Did you mean learningRate?");
  assertEquals(
    suggestion("resnet20_cifar", ["resnet20_cifar10", "resnet20_cifar100", "pixels"]),
    "Did you mean resnet20_cifar10 or resnet20_cifar100?",
  );
});

Deno.test("at most three are suggested, the nearest first", () => {
  assertEquals(
    suggestion("digit", ["dig", "digits", "digit1", "digit22"], (name) => `"${name}"`),
    'Did you mean "dig" or "digits" or "digit1"?',
  );
});

Deno.test("where nothing is near there is no suggestion", () => {
  assertEquals(suggestion("entropy", ["steps", "seed"]), "");
});

Deno.test("the nearest comes first, letters in either case, and half a name is not near", () => {
  assertEquals(suggestion("stepz", ["stexx", "steps"]), "Did you mean steps or stexx?");
  assertEquals(suggestion("LEARNINGRTE", ["learningRate"]), "Did you mean learningRate?");
  assertEquals(suggestion("abcxyz", ["abcdef"]), "");
  assertEquals(suggestion("abcdxy", ["abcdef"]), "Did you mean abcdef?");
});
