/**
 * Images from files to pixels: folders and zips are listed, decoded once in workers, and kept in one file.
 *
 * @module
 */

// Sources
export { openSourceFiles, type ImageSource } from "./sources/source.ts";
export type { SourceFiles, SourceFile } from "./sources/source_files.ts";
export { listImages, type LabelledImages, type Listing } from "./sources/image_folder.ts";

// Decode and encode
export { decodeImage, readImageSize } from "./codec/decode.ts";
export { decodeMask } from "./codec/decode_mask.ts";
export { decoderPool, type DecoderPool } from "./codec/decoder_pool.ts";
export { encodePng, type EncodeOptions } from "./codec/encode.ts";

// Packs: every image decoded once
export { packImages, type PackOptions } from "./packs/pack.ts";
export type { ImagePack, QuarantinedImage } from "./packs/pack_file.ts";
export { joinPacks } from "./packs/joined_pack.ts";
export { packMaskedImages, type MaskedImages, type MaskedSource } from "./packs/masked_images.ts";
export { spreadOverClasses } from "./packs/spread_over_classes.ts";

// The order of a run
export { sampler, type Sampler } from "./packs/sampler.ts";
