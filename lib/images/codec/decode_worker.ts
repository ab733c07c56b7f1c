/**
 * Program of a decoding worker: receives jobs on a port and replies to each with its pixels. Two
 * jobs may run at once and finish in either order, hence the id. The first message to the worker
 * brings the port.
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
