/**
 * HEIC files, whose compression sharp's libraries leave out: libheif as WebAssembly, which needs no
 * permission. It is loaded with the first such file.
 *
 * @module
 */
import type { Raster } from "./resize.ts";

/** A number with a name, as Emscripten gives it. */
type Named = { readonly value: number };

/** An error, or a result that has no `code`. */
interface Outcome {
  readonly code?: Named | undefined;
  readonly message?: string | undefined;
}

interface Decoded extends Outcome {
  readonly image: unknown;
  readonly channels: readonly {
    readonly id: Named;
    readonly width: number;
    readonly height: number;
    /** Bytes from one row to the next. */
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
}

/** What is used of libheif, whose own classes print errors instead of giving them. */
interface LibHeif {
  readonly heif_colorspace: { readonly heif_colorspace_RGB: Named };
  readonly heif_chroma: { readonly heif_chroma_interleaved_RGBA: Named };
  readonly heif_channel: { readonly heif_channel_interleaved: Named };
  heif_context_alloc(): unknown;
  heif_context_read_from_memory(context: unknown, file: Uint8Array): Outcome;
  heif_js_context_get_primary_image_handle(context: unknown): Outcome;
  heif_image_handle_get_width(handle: unknown): number;
  heif_image_handle_get_height(handle: unknown): number;
  heif_js_decode_image2(
    handle: unknown,
    colours: Named,
    chroma: Named,
  ): Promise<Decoded> | Decoded;
  heif_image_release(image: unknown): void;
  heif_image_handle_release(handle: unknown): void;
  heif_context_free(context: unknown): void;
}

/**
 * Decodes the main picture of a HEIC file, turned upright, to red, green, blue and alpha.
 *
 * @throws {Error} Where it is damaged, or holds more than `maximumPixels`.
 */
export async function decodeHeic(file: Uint8Array, maximumPixels: number): Promise<Raster> {
  const { default: heif }: { default: LibHeif } = await import("libheif-js/wasm-bundle.js");
  const context = heif.heif_context_alloc();
  try {
    assertDone(heif.heif_context_read_from_memory(context, file));
    const handle = heif.heif_js_context_get_primary_image_handle(context);
    assertDone(handle);
    try {
      return await decodePicture(heif, handle, maximumPixels);
    } finally {
      heif.heif_image_handle_release(handle);
    }
  } finally {
    heif.heif_context_free(context);
  }
}

async function decodePicture(
  heif: LibHeif,
  handle: unknown,
  maximumPixels: number,
): Promise<Raster> {
  const width = heif.heif_image_handle_get_width(handle);
  const height = heif.heif_image_handle_get_height(handle);
  if (!(width * height <= maximumPixels)) throw new Error(`found ${width} x ${height} pixels`);
  const decoded = await heif.heif_js_decode_image2(
    handle,
    heif.heif_colorspace.heif_colorspace_RGB,
    heif.heif_chroma.heif_chroma_interleaved_RGBA,
  );
  assertDone(decoded);
  try {
    const { heif_channel_interleaved: interleaved } = heif.heif_channel;
    const plane = decoded.channels.find(({ id }) => id === interleaved);
    if (plane?.width !== width || plane.height !== height) {
      throw new Error(`found no picture of ${width} x ${height} pixels in the HEIC file`);
    }
    const data = new Uint8Array(width * height * 4);
    for (let row = 0; row < height; row++) {
      const from = row * plane.stride;
      data.set(plane.data.subarray(from, from + width * 4), row * width * 4);
    }
    return { data, width, height, channels: 4 };
  } finally {
    heif.heif_image_release(decoded.image);
  }
}

/** A result has no code, and the code of success is 0. */
function assertDone({ code, message = "" }: Outcome): void {
  if ((code?.value ?? 0) !== 0) throw new Error(`a damaged HEIC file: ${message}`);
}
