/** Files that are no weights are named, with what to do. */
import { assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { UserError } from "../../lib/errors/user_error.ts";
import { bytesSource } from "../../lib/weights/byte_source.ts";
import { checkpointFrom, openCheckpoint } from "../../lib/weights/checkpoint_file.ts";
import { joined, letters, zipOf } from "./torch/torch_file_fixture.ts";

/** A tar archive whose first file has that name. */
const tar = (name: string) =>
  joined(letters(name.padEnd(257, "\0")), letters("ustar\x0000"), new Uint8Array(760));

const files: Record<string, [bytes: Uint8Array, what: string, advice: string]> = {
  "nothing": [new Uint8Array(), "an empty file", "fetch it again"],
  "zeros": [new Uint8Array(5000), "only zeros at its beginning", "fetch it again"],
  "gzip": [letters("\x1f\x8b\x08"), "packed by gzip", "gunzip FILE"],
  "bzip2": [letters("BZh9"), "packed by bzip2", "bunzip2 FILE"],
  "xz": [letters("\xfd7zXZ\0"), "packed by xz", "unxz FILE"],
  "zstd": [letters("\x28\xb5\x2f\xfd"), "packed by Zstandard", "unzstd FILE"],
  "7z": [letters("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive", "7z x FILE"],
  "rar": [letters("Rar!\x1a"), "a RAR archive", "unrar x FILE"],
  "GGUF": [letters("GGUF\x03\0\0\0"), "a model in GGUF", "safetensors.torch.save_file"],
  "HDF5": [letters("\x89HDF\r\n\x1a\n"), "an HDF5 file, as of Keras", "save_file"],
  "TensorFlow Lite": [letters("\x1c\0\0\0TFL3"), "a TensorFlow Lite network", "save_file"],
  "NumPy": [letters("\x93NUMPY\x01\0"), "an array of NumPy (.npy)", "save_file"],
  "ONNX": [letters("\x08\x08\x12\x07pytorch"), "a network in ONNX", "save_file"],
  "a picture": [letters("\x89PNG\r\n"), "a PNG image", "a file of weights"],
  "a page": [
    letters("\n<!DOCTYPE html><html><head><title> Sign in </title>"),
    'a web page with the title "Sign in"',
    "download the file itself",
  ],
  "a page with a mark": [letters("\xef\xbb\xbf<html>"), "a web page", "open the address"],
  "an error": [letters("<?xml version='1.0'?><Error>"), "a web page", "open the address"],
  "JSON": [letters('{"error": "not found"}'), 'JSON text that begins with "{"error"', "the index"],
  "tar": [tar("weights.pth"), 'a tar archive that begins with "weights.pth"', "tar -xf FILE"],
  "old tar of PyTorch": [tar("sys_info"), "PyTorch before version 0.2", "torch.save("],
  "npz": [zipOf({ "Transformer/a.npy": "x" }), "an archive of NumPy (.npz)", "timm converts many"],
  "Keras": [zipOf({ "model.weights.h5": "x" }), "a network of Keras", "save_file"],
  "a zip": [zipOf({ "a/model.pth": "x" }), 'holds "a/model.pth"', "unzip FILE"],
  "a hostile page": [letters(`<html><title>\x1b[2J${"x".repeat(900)}`), "?[2J", "address"],
};
for (const [description, [bytes, what, advice]] of Object.entries(files)) {
  Deno.test(`named, with what to do: ${description}`, () => {
    const source = bytesSource(bytes, '"a.pth"');
    const { message } = assertThrows(() => checkpointFrom(source), UserError);
    assertStringIncludes(message, 'Cannot read "a.pth": found ');
    assertStringIncludes(message, what);
    assertStringIncludes(message, advice);
  });
}

Deno.test("a pointer of Git LFS, as it is found in place of the file", async () => {
  const path = fileURLToPath(new URL("../cases/checkpoints/lfs_pointer.pth", import.meta.url));
  const { message } = await assertRejects(() => openCheckpoint(path), UserError);
  assertStringIncludes(message, "a pointer of Git LFS in place of the file of 346378731 bytes");
  assertStringIncludes(message, "git lfs pull");
});
