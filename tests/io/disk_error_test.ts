import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { explainDiskError } from "../../lib/io/disk_error.ts";

Deno.test("a full disk is explained", () => {
  if (Deno.build.os !== "linux") return; // has a device that is always full
  using file = Deno.openSync("/dev/full", { write: true });
  const error = assertThrows(() => file.writeSync(new Uint8Array(9)), Error);
  const attempt = {
    path: "cache/x.pack",
    purpose: "keep decoded images in",
    advice: "Name a cache folder",
  };
  const explained = explainDiskError(error, attempt);
  assert(explained instanceof UserError);
  assertStringIncludes(explained.message, 'Cannot keep decoded images in "cache/x.pack": ');
  assertStringIncludes(explained.message, "Free some space");
  assert(explained.message.endsWith(". Name a cache folder"));
  assertEquals(explained.cause, error);
  assertEquals(explainDiskError(explained, { path: "again" }), explained);
});

Deno.test("other errors stay as they are", () => {
  const error = new TypeError("not a function");
  assertEquals(explainDiskError(error, { path: "a" }), error);
  assertEquals(explainDiskError("a text", { path: "a" }), "a text");
});

Deno.test("each refusal of the disk has a remedy", () => {
  const remedies: readonly [Error, string][] = [
    [new Deno.errors.NotFound("gone"), "Create its folder first"],
    [new Deno.errors.PermissionDenied("no"), "this user may write to"],
    [new Deno.errors.NotCapable("no"), "this user may write to"],
    [new Deno.errors.NotADirectory("a file"), "A file is in the way"],
    [new Deno.errors.AlreadyExists("a file"), "A file is in the way"],
    [Object.assign(new Error("read-only"), { code: "EROFS" }), "read-only: choose another"],
    [Object.assign(new Error("a folder"), { code: "EISDIR" }), "A folder is in the way"],
    [Object.assign(new Error("quota"), { code: "EDQUOT" }), "Free some space"],
  ];
  for (const [error, remedy] of remedies) {
    const explained = explainDiskError(error, { path: "runs/a" });
    assert(explained instanceof UserError);
    assertStringIncludes(explained.message, 'Cannot write "runs/a": ');
    assertStringIncludes(explained.message, remedy);
  }
});
