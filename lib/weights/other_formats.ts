/**
 * Recognises files that are no weights this package reads, by their first bytes, and says what to do
 * with each.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { quote, type Refuse } from "./refuse_reading.ts";

/** A format, the bytes by which it is known, and the advice for it. */
interface OtherFormat {
  readonly what: string;
  readonly at?: number;
  readonly bytes: string;
  readonly advice: string;
}

const asSafetensors = "Convert the weights in Python: load them there, and save them by " +
  "safetensors.torch.save_file under the names of PyTorch";
const unpack = (command: string) => `Unpack it first: ${command}`;

const formats: readonly OtherFormat[] = [
  { what: "a file packed by gzip", bytes: "\x1f\x8b", advice: unpack("gunzip FILE") },
  { what: "a file packed by bzip2", bytes: "BZh", advice: unpack("bunzip2 FILE") },
  { what: "a file packed by xz", bytes: "\xfd7zXZ", advice: unpack("unxz FILE") },
  { what: "a file packed by Zstandard", bytes: "\x28\xb5\x2f\xfd", advice: unpack("unzstd FILE") },
  { what: "a 7-Zip archive", bytes: "7z\xbc\xaf\x27\x1c", advice: unpack("7z x FILE") },
  { what: "a RAR archive", bytes: "Rar!", advice: unpack("unrar x FILE") },
  { what: "a model in GGUF, whose weights are quantised", bytes: "GGUF", advice: asSafetensors },
  { what: "an HDF5 file, as of Keras", bytes: "\x89HDF\r\n\x1a\n", advice: asSafetensors },
  { what: "a TensorFlow Lite network", at: 4, bytes: "TFL3", advice: asSafetensors },
  { what: "an array of NumPy (.npy)", bytes: "\x93NUMPY", advice: asSafetensors },
  { what: "a PNG image", bytes: "\x89PNG", advice: "Give a file of weights" },
  { what: "a JPEG image", bytes: "\xff\xd8\xff", advice: "Give a file of weights" },
  { what: "a PDF document", bytes: "%PDF", advice: "Give a file of weights" },
];

/** Bytes that are looked at. */
const headBytes = 1024;

/**
 * Refuses a file that no reader knows, by the name of its format where that is known.
 *
 * @param source Not empty, or empty.
 */
export function refuseOtherFormat(source: ByteSource, refuse: Refuse): never {
  const { size } = source;
  if (size === 0) return refuse("an empty file", "Its download failed: fetch it again");
  const bytes = new Uint8Array(Math.min(size, headBytes));
  source.read(0, bytes);
  const head = String.fromCharCode(...bytes);
  const known = formats.find(({ at = 0, bytes }) => head.startsWith(bytes, at));
  if (known !== undefined) refuse(known.what, known.advice);
  if (head.startsWith("version https://git-lfs")) refusePointer(head, refuse);
  if (head.startsWith("ustar", 257)) refuseTar(head, refuse);
  if (zeros(bytes.subarray(0, 512))) {
    refuse("only zeros at its beginning", "Its download was not finished: fetch it again");
  }
  const text = head.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<(!doctype|html|head|\?xml|!--)/i.test(text)) refusePage(text, refuse);
  if (text.startsWith("{") || text.startsWith("[")) refuseJson(text, refuse);
  // The version of the format, a small number, and who wrote it, a text.
  if (head[0] === "\b" && bytes[1]! <= 32 && bytes[2] === 0x12 || /onnx/i.test(head)) {
    refuse("what looks like a network in ONNX", asSafetensors);
  }
  if (/saved_model|tensorflow/i.test(head)) refuse("a file of TensorFlow", asSafetensors);
  return refuse(
    `bytes that begin with ${
      bytes.subarray(0, 16).toHex()
    }, expected a checkpoint of PyTorch or a ` +
      "safetensors file",
  );
}

/** What a zip file that is no checkpoint of PyTorch is, by its entries. */
export function refuseOtherZip(entries: Iterable<string>, refuse: Refuse): void {
  const names = [...entries], ends = (ending: string) => names.find((one) => one.endsWith(ending));
  if (ends(".npy") !== undefined) {
    refuse(
      `an archive of NumPy (.npz) with ${quote(ends(".npy")!)}`,
      "Convert it in Python: map its names to those of PyTorch (networks of JAX differ in names " +
        "and in the order of axes; timm converts many), and save them by safetensors.torch.save_file",
    );
  }
  if (ends(".h5") !== undefined) refuse("a network of Keras (.keras)", asSafetensors);
  const inside = [".safetensors", ".pth", ".pt", ".ckpt", ".bin"].map(ends).find(Boolean);
  if (inside !== undefined) {
    refuse(`a zip file that holds ${quote(inside)}`, unpack("unzip FILE") + ", and give that file");
  }
}

function refusePointer(head: string, refuse: Refuse): never {
  const [, size] = /^size (\d{1,15})$/m.exec(head) ?? [];
  return refuse(
    `a pointer of Git LFS in place of the file${size === undefined ? "" : ` of ${size} bytes`}`,
    "Fetch the file itself: git lfs pull, in the folder of its repository",
  );
}

function refuseTar(head: string, refuse: Refuse): never {
  const [first = ""] = head.split("\0");
  if (/^(\.\/)?(sys_info|pickle|storages|tensors)$/.test(first)) {
    return refuse(
      "the layout of PyTorch before version 0.2, a tar archive",
      "Load it in a current PyTorch and save it again: torch.save(torch.load(path), other)",
    );
  }
  return refuse(
    `a tar archive that begins with ${quote(first)}`,
    unpack("tar -xf FILE") + ", and give the file of weights in it",
  );
}

function refusePage(text: string, refuse: Refuse): never {
  const [, title = ""] = /<title[^>]*>([^<]{1,200})/i.exec(text) ?? [];
  return refuse(
    `a web page${title.trim() === "" ? "" : ` with the title ${quote(title.trim())}`}, expected ` +
      "weights",
    "Its server asked for a login or reported an error: open the address in a browser, and download " +
      "the file itself",
  );
}

function refuseJson(text: string, refuse: Refuse): never {
  return refuse(
    `a JSON text that begins with ${quote(text.slice(0, 60))}`,
    "Give the file of weights, or the index of its parts, such as model.safetensors.index.json",
  );
}

function zeros(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
