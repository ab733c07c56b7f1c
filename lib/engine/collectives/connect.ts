/** The first words between a process and the leader of its group. */
import { type LineChannel, type Message, openLineChannel } from "./line_channel.ts";
import type { MeetingOptions } from "./meeting.ts";

/** A leader's answer to the first words of a process. */
export interface LeaderAnswer {
  readonly channel: LineChannel;
  /** Process number of the leader, where it takes this process in. */
  readonly process?: number;
  /** Why it does not, or why this is no leader at all. */
  readonly refusal?: string;
  /** Gets everything from now on. */
  listen(to: {
    readonly onMessage: (message: Message) => void;
    readonly onClose: (reason: string) => void;
  }): void;
}

/** How long a leader may take to answer, in milliseconds. */
const answerLimit = 10_000;

/**
 * Connects to the address of a leader and says who this is.
 *
 * @throws {Deno.errors.ConnectionRefused} and the like, where nobody listens
 */
export async function connectToLeader(
  { place: { host, port, rank, size }, key }: Pick<MeetingOptions, "place" | "key">,
): Promise<LeaderAnswer> {
  const connection = await Deno.connect({ hostname: host, port });
  const first = Promise.withResolvers<Message | string>();
  const early: Message[] = [];
  let ended: string | undefined;
  let onMessage = (message: Message) => {
    onMessage = (message) => void early.push(message);
    first.resolve(message);
  };
  let onClose = (reason: string) => {
    ended = reason;
    first.resolve(reason);
  };
  const channel = openLineChannel(connection, {
    onMessage: (message) => onMessage(message),
    onClose: (reason) => onClose(reason),
  });
  const patience = setTimeout(() => first.resolve("it does not answer"), answerLimit);
  channel.send({ type: "hello", rank, size, process: Deno.pid, key });
  const answer = await first.promise;
  clearTimeout(patience);
  const listen: LeaderAnswer["listen"] = (to) => {
    early.splice(0).forEach(to.onMessage);
    onMessage = to.onMessage;
    onClose = to.onClose;
    if (ended !== undefined) onClose(ended);
  };
  if (typeof answer === "string") return { channel, listen, refusal: answer };
  if (answer.type === "welcome") return { channel, listen, process: answer.process };
  return { channel, listen, refusal: answer.type === "failed" ? answer.reason : "it is no leader" };
}
