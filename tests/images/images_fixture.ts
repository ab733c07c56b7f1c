import sharp from "sharp";

/** A PNG whose pixels depend on its number. */
export function png(number: number, width = 12, height = 12): Promise<Uint8Array> {
  return sharp(pixels(number, width, height), { raw: { width, height, channels: 3 } }).png()
    .toBuffer();
}

/** The pixels of {@linkcode png}, `[height, width, 3]`. */
export function pixels(number: number, width: number, height: number): Uint8Array {
  return Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (i * 5 + number * 37) % 256,
  );
}

/** Runs a test in a temporary folder, which is removed afterwards. */
export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes files below a folder, and makes their folders. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await (typeof content === "string"
      ? Deno.writeTextFile(path, content)
      : Deno.writeFile(path, content));
  }
}
