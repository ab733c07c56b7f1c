/**
 * Images from files to pixels: folders and zips are listed, decoded once in workers, and kept in one file.
 *
 * @module
 */

// Sources
export { type ImageSource, openSourceFiles } from "./sources/source.ts";
export type { SourceFile, SourceFiles } from "./source_files.ts";
export { type Dataset, type DatasetFile, listDataset, type PassedFile } from "./sources/dataset.ts";
export type { LabelledImages } from "./sources/labels.ts";

// Decode and encode
export { decodeImage, readImageSize } from "./codec/decode.ts";
export type { DecodeOptions } from "./codec/decode_options.ts";
export { decodeMask, type MaskedImage } from "./codec/decode_mask.ts";
export { type DecoderPool, decoderPool } from "./codec/decoder_pool.ts";
export { type EncodeOptions, encodePng } from "./codec/encode.ts";

// Packs: every image decoded once
export { packImages, type PackOptions } from "./packs/pack.ts";
export type { ImagePack, QuarantinedImage } from "./packs/pack_file.ts";
export { joinPacks } from "./packs/joined_pack.ts";
export { type MaskedImages, type MaskedSource, packMaskedImages } from "./packs/masked_images.ts";
export { spreadOverClasses } from "./packs/spread_over_classes.ts";

// The order of a run
export { type Sampler, sampler } from "./packs/sampler.ts";
