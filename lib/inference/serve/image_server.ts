/** Answers HTTP requests about images: embedding, class and nearest images. */
import { decoderPool } from "../../images/codec/decoder_pool.ts";
import type { DecodeOptions } from "../../images/codec/decode_options.ts";
import type { Classification } from "../head.ts";
import { nearestImages, type NeighbourIndex } from "../neighbours.ts";
import type { OpenedStudent } from "../open_student.ts";
import { batcher } from "./batcher.ts";
import { serverMetrics } from "./metrics.ts";
import { readBody } from "./read_body.ts";

/** What a server answers from. */
export interface ImageServerOptions {
  /** Owned by the caller. */
  readonly student: OpenedStudent;
  /** Images whose neighbours are asked for. Default: none. */
  readonly index?:
    | { readonly names: readonly string[]; readonly neighbours: NeighbourIndex }
    | undefined;
  /** Neighbours of each image. Default: 5. */
  readonly count?: number | undefined;
  /** Bytes of an image at most. Default: 10 million. */
  readonly mostBytes?: number | undefined;
  /** Milliseconds in which an image must come. Default: 30,000. */
  readonly bodyMilliseconds?: number | undefined;
  /** Images of a batch at most. Default: 32. */
  readonly batchSize?: number | undefined;
  /** Requests that wait or are answered at most; more get 503. Default: four batches. */
  readonly places?: number | undefined;
  /** Decoding workers. Default: as many as there are cores. */
  readonly workers?: number | undefined;
  /** How images are decoded. */
  readonly decoding?: DecodeOptions | undefined;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** A server without its port. */
export interface ImageServer {
  /** Answers one request. */
  handle(request: Request): Promise<Response>;
  /** Waits for what is being answered, and ends the workers. */
  close(): Promise<void>;
}

/** An answer as JSON. */
interface Answer {
  /** `[width]` */
  readonly embedding: number[];
  readonly class?: string;
  readonly probability?: number;
  readonly unsure?: boolean;
  /** The most alike first. */
  readonly nearest?: readonly { readonly image: string; readonly similarity: number }[];
}

/** What a body that is not read is answered. */
const statuses = { "too large": 413, "too slow": 408, "empty": 400, "broken off": 400 } as const;

/** Seconds after which a refused client may try again. */
const retryAfter = 1;

/**
 * Makes a server: `POST /` an image file and get JSON; `GET /health`; `GET /metrics`, for Prometheus. Images are
 * decoded in workers, and those that come at the same time are computed together. When all places are taken a
 * request gets 503 with `Retry-After` before its body is read.
 */
export function imageServer(options: ImageServerOptions): ImageServer {
  const { student, mostBytes = 10_000_000, bodyMilliseconds = 30_000, batchSize = 32 } = options;
  const { now = () => performance.now() } = options;
  const { places = 4 * batchSize, workers = navigator.hardwareConcurrency, decoding } = options;
  const metrics = serverMetrics();
  const pool = decoderPool(workers);
  const canvas = student.backbone.input.size;
  const work = batcher((pixels: readonly Uint8Array[]) => answersOf(pixels, options), {
    batchSize,
    places,
    onBatch: metrics.computed,
  });
  let inside = 0;
  const describe = async (request: Request): Promise<Response> => {
    const body = await readBody(request, { bytes: mostBytes, milliseconds: bodyMilliseconds });
    if (typeof body === "string") {
      const expected = `expected an image file of at most ${mostBytes} bytes`;
      return refusal(statuses[body], `the body is ${body}, ${expected}`);
    }
    const { pixels, broken: [broken] } = await pool.decode({ files: [body], canvas, ...decoding });
    if (broken !== undefined) return refusal(422, `no image that can be read: ${broken.reason}`);
    const answer = await work.add(pixels);
    return answer === undefined ? overloaded() : Response.json(answer);
  };
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (pathname === "/health" && isRead) {
      const { name, width, classes = null } = student;
      const images = options.index?.names.length ?? 0;
      return Response.json({ status: "ok", model: name, width, classes, index: images });
    }
    if (pathname === "/metrics" && isRead) {
      return new Response(metrics.text(inside), { headers: { "content-type": "text/plain" } });
    }
    if (!["/", "/health", "/metrics"].includes(pathname)) {
      await discard(request);
      return refusal(
        404,
        `there is nothing at ${pathname}, expected POST /, GET /health or GET /metrics`,
      );
    }
    if (pathname !== "/" || request.method !== "POST") {
      await discard(request);
      const allow = pathname === "/" ? "POST" : "GET";
      return refusal(405, `found ${request.method} ${pathname}, expected ${allow}`, { allow });
    }
    if (inside >= places) {
      await discard(request);
      return overloaded();
    }
    inside++;
    try {
      return await describe(request);
    } finally {
      inside--;
    }
  };
  return {
    async handle(request) {
      const begun = now();
      const response = await answer(request).catch(() => refusal(500, "the server made a mistake"));
      metrics.answered(response.status, (now() - begun) / 1000);
      return response;
    },
    async close() {
      await work.idle();
      pool.close();
    },
  };
}

/** What is said of each image of a batch. */
async function answersOf(
  pixels: readonly Uint8Array[],
  { student, index, count = 5 }: ImageServerOptions,
): Promise<Answer[]> {
  const embeddings = await student.embedPixels(pixels);
  const features = new Float32Array(embeddings.length * student.width);
  embeddings.forEach((row, i) => features.set(row, i * student.width));
  const classified: readonly (Classification | undefined)[] = student.classes === undefined
    ? []
    : await student.classifyFeatures(features);
  const neighbours = index === undefined
    ? []
    : await nearestImages(index.neighbours, { features, width: student.width }, { count });
  return embeddings.map((embedding, i) => {
    const one = classified[i], near = neighbours[i];
    return {
      embedding: Array.from(embedding),
      ...one && { class: one.class, probability: one.probability, unsure: one.unsure },
      ...near && {
        nearest: near.map(({ image, similarity }) => ({ image: index!.names[image]!, similarity })),
      },
    };
  });
}

function overloaded(): Response {
  return refusal(503, `all places are taken, try again in ${retryAfter} s`, {
    "retry-after": String(retryAfter),
  });
}

/** Lets a body that nobody reads go. */
async function discard({ body }: Request): Promise<void> {
  await body?.cancel().catch(() => {});
}

function refusal(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers });
}
