/** Messages between two processes: bounded lines of JSON over one connection. */
import { z } from "zod";

/** Longest line that is taken; a longer one ends the connection. */
const longestLine = 4 << 20;

/** How long the other end may take to close its end too, in milliseconds. */
const patience = 1000;

const text = z.string().max(20_000);
const port = z.int().min(1).max(65_535);

/** What the processes of a group say to each other; anything else ends the connection. */
export const messageSchema = z.discriminatedUnion("type", [
  /** To the leader, first of all. */
  z.object({
    type: z.literal("hello"),
    rank: z.int().min(0),
    size: z.int().min(1),
    process: z.int(),
    key: text,
  }),
  /** From the leader, which takes the process in. */
  z.object({ type: z.literal("welcome"), process: z.int() }),
  /** To the leader: all is opened; the server will listen at the port. */
  z.object({ type: z.literal("ready"), port, facts: z.unknown() }),
  /** From the leader: where each rank's server listens. */
  z.object({
    type: z.literal("start"),
    peers: z.array(z.object({ host: text, port })).max(100_000),
  }),
  /** To the leader: the server listens. */
  z.object({ type: z.literal("serving") }),
  /** From the leader: what the caller has to say. */
  z.object({ type: z.literal("word"), word: z.unknown() }),
  /** That the process lives, and how many operations it has come to. */
  z.object({ type: z.literal("alive"), operations: z.int() }),
  /** The group ends, and why; or it has done its work. */
  z.object({ type: z.literal("failed"), reason: text }),
  z.object({ type: z.literal("finished") }),
]);

/** One message. */
export type Message = z.infer<typeof messageSchema>;

/** One end of a connection. */
export interface LineChannel {
  /** Address of the other end. */
  readonly host: string;
  /** Sends a message; where the other end is gone, nothing happens here: `onClose` says so. */
  send(message: Message): Promise<void>;
  /**
   * Closes the connection after what was sent, within a second; `onClose` is not called. Resolves when all was
   * handed to the system, or cannot be.
   */
  close(): Promise<void>;
}

/**
 * Speaks over a connection.
 *
 * @param options onMessage: called with each message in turn; onClose: called once, with the reason, where the
 * connection ends or says something that is no message
 */
export function openLineChannel(
  connection: Deno.TcpConn,
  { onMessage, onClose }: {
    readonly onMessage: (message: Message) => void;
    readonly onClose: (reason: string) => void;
  },
): LineChannel {
  const encoder = new TextEncoder();
  let closed = false, closing = false, sending = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (reason: string) => {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // It was closed from the other side.
    }
    if (!closing) onClose(reason);
  };
  const write = async (bytes: Uint8Array) => {
    try {
      for (let at = 0; at < bytes.length && !closed;) {
        at += await connection.write(bytes.subarray(at));
      }
    } catch {
      end("the connection broke");
    }
  };
  const take = (line: string): string | undefined => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      return "it said something that is no JSON";
    }
    const { success, data } = messageSchema.safeParse(parsed);
    if (!success) return "it said something that is no message";
    onMessage(data);
  };
  readLines(connection, take).then(end, () => end("the connection broke"));
  return {
    host: connection.remoteAddr.hostname,
    send(message) {
      const bytes = encoder.encode(`${JSON.stringify(message)}\n`);
      sending = sending.then(() => write(bytes));
      return sending;
    },
    async close() {
      closing = true;
      // Closed at once, what the other end still sends would have the system drop the last message to it.
      if (!closed) timer = setTimeout(() => end("closed"), patience);
      await sending;
      await connection.closeWrite().catch(() => {});
    },
  };
}

/** Reads lines until one is refused, and returns why, or until the connection ends. */
async function readLines(
  connection: Deno.TcpConn,
  take: (line: string) => string | undefined,
): Promise<string> {
  const decoder = new TextDecoder(), piece = new Uint8Array(1 << 16);
  const pieces: string[] = [];
  let length = 0;
  for (;;) {
    const count = await connection.read(piece);
    if (count === null) return "it closed the connection without a word";
    const lines = decoder.decode(piece.subarray(0, count), { stream: true }).split("\n");
    for (const [i, part] of lines.entries()) {
      pieces.push(part);
      length += part.length;
      if (length > longestLine) return "it said too much at once";
      if (i === lines.length - 1) break;
      const refusal = take(pieces.splice(0).join(""));
      length = 0;
      if (refusal !== undefined) return refusal;
    }
  }
}
