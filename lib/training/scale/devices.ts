/** What computes: the figures of a device that the cost of a step follows from, and those of some cards. */

/** A device with what lies beside it. */
export interface Device {
  /** With the precision of its matrix products. */
  readonly name: string;
  /** Where the figures are from. */
  readonly source: string;
  /** Operations a second of matrix products at most, without sparsity. */
  readonly peak: number;
  /** Share of the peak that a step reaches, above 0 and at most 1. */
  readonly reached: number;
  /** Its memory in bytes. */
  readonly memory: number;
  /** Bytes a second that it reads and writes there. */
  readonly memoryBandwidth: number;
  /** What it sends to another one. */
  readonly link: {
    /** Devices that share a node. */
    readonly node: number;
    /** Bytes a second in one direction, from each device: within a node, and from node to node. */
    readonly within: number;
    readonly between: number;
    /** Seconds before the first byte of a message arrives. */
    readonly latency: number;
  };
  /** Power in use. */
  readonly watts: number;
  /** Bytes a second that its share of the disk gives. */
  readonly disk: number;
}

/** Of a node of eight cards: a message of NCCL, and an eighth of two disks of 4 GB/s. Assumed. */
const ofNode = { node: 8, latency: 10e-6, disk: 1e9 } as const;

/**
 * What NVIDIA publishes of the A100: 80 GB, SXM, in DGX nodes (NVLink 600 GB/s in both directions, HDR 200 Gb/s
 * for each card); the share is that of NeMo's ViT-g/14, 693 images/s on eight cards.
 */
const a100 = {
  source: "NVIDIA's datasheets of A100 80GB SXM and DGX A100; share reached: NeMo ViT-g/14, bf16",
  memory: 80e9,
  memoryBandwidth: 2.039e12,
  link: { node: ofNode.node, within: 300e9, between: 25e9, latency: ofNode.latency },
  watts: 400,
  disk: ofNode.disk,
} as const;

/** The same of the H100: NVLink 900 GB/s, NDR 400 Gb/s; 1,428 images/s. */
const h100 = {
  source: "NVIDIA's datasheets of H100 SXM and DGX H100; share reached: NeMo ViT-g/14, bf16",
  memory: 80e9,
  memoryBandwidth: 3.35e12,
  link: { node: ofNode.node, within: 450e9, between: 50e9, latency: ofNode.latency },
  watts: 700,
  disk: ofNode.disk,
} as const;

/** Operations of ViT-g/14 for an image of 224 px, forward and gradient: 267 G multiplications and additions forward. */
const operationsOfNemo = 3 * 2 * 267e9;

/** Share of a card's peak that NeMo's ViT-g/14 reaches on a node of eight. */
function reachedByNemo(imagesPerSecond: number, peak: number): number {
  return imagesPerSecond / 8 * operationsOfNemo / peak;
}

/** Peaks in bfloat16 and TensorFloat-32. */
const peaks = { a100: [312e12, 156e12], h100: [989e12, 495e12] } as const;
const [a100Share, h100Share] = [
  reachedByNemo(693, peaks.a100[0]),
  reachedByNemo(1428, peaks.h100[0]),
];

/** Cards by name. TensorFloat-32 is taken to reach the share of bfloat16: no figure was found. */
export const cards = {
  h100: { ...h100, name: "H100, bfloat16", peak: peaks.h100[0], reached: h100Share },
  h100_tf32: { ...h100, name: "H100, TensorFloat-32", peak: peaks.h100[1], reached: h100Share },
  a100: { ...a100, name: "A100, bfloat16", peak: peaks.a100[0], reached: a100Share },
  a100_tf32: { ...a100, name: "A100, TensorFloat-32", peak: peaks.a100[1], reached: a100Share },
} as const satisfies { readonly [name: string]: Device };
