import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { allocate } from "../../../lib/nn/pruning/allocate.ts";
import { keptHeads, roundedWidth } from "../../../lib/nn/pruning/pruned_width.ts";

const cubes = (scale: number) => Float64Array.from({ length: 64 }, (_, i) => scale * i ** 3);

Deno.test("the share goes where it harms least, by what it saves", () => {
  const equal = { harm: cubes(1), operations: 1 };
  assertEquals(allocate([equal, equal], 0.5), [32, 32]);
  const [needed, spare] = allocate([{ ...equal, harm: cubes(8) }, equal], 0.5);
  assert(needed! < 32 && spare! > 32 && Math.abs(needed! + spare! - 64) <= 2);
  // Channels of four times the operations are worth four times the harm.
  const [cheap, dear] = allocate([equal, { ...equal, operations: 4 }], 0.5);
  assert(dear! > cheap!);
  assert(Math.abs(cheap! + 4 * dear! - 0.5 * 5 * 64) <= 5);
});

Deno.test("no total of the same saving harms less", () => {
  const blocks = [{ harm: cubes(3), operations: 2 }, { harm: cubes(1), operations: 1 }];
  const gone = allocate(blocks, 0.4);
  const saved = (own: readonly number[]) => own[0]! * 2 + own[1]!;
  const harm = (own: readonly number[]) => blocks[0]!.harm[own[0]!]! + blocks[1]!.harm[own[1]!]!;
  for (let first = 0; first < 56; first++) {
    for (let second = 0; second < 56; second++) {
      const other = [first, second];
      if (saved(other) >= saved(gone)) {
        assert(harm(other) >= harm(gone) - 1e-9, `${other}, ${gone}`);
      }
    }
  }
});

Deno.test("a block of no use keeps an eighth of its channels", () => {
  const useless = { harm: new Float64Array(64), operations: 1 };
  const [gone] = allocate([useless, { harm: cubes(1e9), operations: 1 }], 0.5);
  assertEquals(gone, 56);
});

Deno.test("wide layers keep multiples of eight", () => {
  assertEquals(roundedWidth(100, 200), 104);
  assertEquals(roundedWidth(20.4, 200), 20);
  assertEquals(roundedWidth(63, 62), 62);
});

Deno.test("what whole heads leave of a share, queries give up", () => {
  assertEquals(keptHeads({ heads: 3, queryWidth: 64 }, 0.25, "it"), { heads: 2, queryWidth: 64 });
  assertEquals(keptHeads({ heads: 4, queryWidth: 32 }, 0.4, "it"), { heads: 2, queryWidth: 32 });
  assertEquals(keptHeads({ heads: 3, queryWidth: 64 }, 0.4, "it"), { heads: 2, queryWidth: 58 });
  const error = assertThrows(
    () => keptHeads({ heads: 2, queryWidth: 8 }, 0.9, "block 3"),
    UserError,
  );
  assert(error.message.includes("0.9 of block 3: of 2 heads none would be left"));
});
