import { decodeChunk, type DecodedChunk, type DecodeJob } from "./decode_chunk.ts";

/** Decodes several chunks of files at once. Pixels do not depend on the number of workers. */
export interface DecoderPool {
  /** Number of chunks to start before waiting for the first. */
  readonly lanes: number;
  /** Decodes one chunk of images. */
  decode(job: DecodeJob): Promise<DecodedChunk>;
  /** Ends the workers. */
  close(): void;
}

/**
 * Starts decoding workers, which take chunks in turn. Call `close()` when done.
 *
 * @param workers Number of workers; with 0 the main thread decodes.
 *
 * @example
 * ```ts
 * import { decoderPool } from "@hashigo/hashigo/images";
 * const pool = decoderPool(0);
 * const { broken } = await pool.decode({ files: [new Uint8Array(4)], canvas: 8 });
 * if (broken.length !== 1) throw new Error("Four zero bytes are no image");
 * pool.close();
 * ```
 */
export function decoderPool(workers: number): DecoderPool {
  if (workers === 0) return { lanes: 1, decode: decodeChunk, close: () => {} };
  const members = Array.from({ length: workers }, startWorker);
  let next = 0;
  return {
    lanes: 2 * workers, // two each, so that one is decoded while another is unpacked or copied
    decode: (job) => members[next++ % workers]!.decode(job),
    close: () => members.forEach((member) => member.close()),
  };
}

function startWorker() {
  const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
  const { port1: port, port2 } = new MessageChannel();
  const waiting = new Map<number, PromiseWithResolvers<DecodedChunk>>();
  let jobs = 0;
  let broken: Error | undefined;
  port.onmessage = ({ data }: MessageEvent<{ id: number; chunk: DecodedChunk }>) => {
    waiting.get(data.id)?.resolve(data.chunk);
    waiting.delete(data.id);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    broken = new Error(`An image worker stopped: ${event.message}`);
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  worker.postMessage(null, [port2]);
  return {
    decode(job: DecodeJob): Promise<DecodedChunk> {
      if (broken !== undefined) return Promise.reject(broken);
      const pending = Promise.withResolvers<DecodedChunk>();
      const id = jobs++;
      waiting.set(id, pending);
      port.postMessage({ id, job }, job.files.map((file) => file.buffer));
      return pending.promise;
    },
    close() {
      port.close();
      worker.terminate();
    },
  };
}
