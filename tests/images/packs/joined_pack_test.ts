import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { joinPacks } from "../../../lib/images/packs/joined_pack.ts";
import { madeUpPack } from "./made_up_pack_fixture.ts";

const first = madeUpPack(10, ["cat", "dog"], [0, 1, 1]);
const second = madeUpPack(20, ["bird", "cat"], [0, 1]);

Deno.test("classes of one name are one class, and images come from the pack that holds them", () => {
  const { count, classes, labels, names, read } = joinPacks([first, second]);
  assertEquals([count, classes], [5, ["cat", "dog", "bird"]]);
  assertEquals([...labels], [0, 1, 1, 2, 0]);
  assertEquals(names, ["10.png", "11.png", "12.png", "20.png", "21.png"]);
  assertEquals([...read([4, 0, 3])], [21, 21, 21, 10, 10, 10, 20, 20, 20]);
});

Deno.test("the order of the packs counts in the digest, and one pack is itself", () => {
  assertNotEquals(joinPacks([first, second]).digest, joinPacks([second, first]).digest);
  assertEquals(joinPacks([first]), first);
});

Deno.test("packs of other canvases, or none, are refused", () => {
  assertThrows(() => joinPacks([first, { ...second, canvas: 2 }]), UserError, "1 px and of 2 px");
  assertThrows(() => joinPacks([]), UserError, "no source");
});
