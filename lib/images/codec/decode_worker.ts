/**
 * Runs in a Worker: receives chunks of files on a port and answers each with its pixels. Two
 * chunks may be under way and overtake one another, hence the id. The first message on the worker
 * itself brings that port.
 */
import { decodeChunk, type DecodeJob } from "./decode_chunk.ts";

addEventListener("message", (event) => {
  if (!(event instanceof MessageEvent)) return;
  const port = event.ports[0];
  if (port === undefined) return;
  port.onmessage = async ({ data: { id, job } }: MessageEvent<{ id: number; job: DecodeJob }>) => {
    const chunk = await decodeChunk(job);
    port.postMessage({ id, chunk }, [chunk.pixels.buffer]);
  };
});
