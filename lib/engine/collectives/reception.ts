/** Takes connections until each has said who it is. */
import type { GroupPlace } from "./group_place.ts";
import { type LineChannel, type Message, openLineChannel } from "./line_channel.ts";

/** How long a connection may be silent before it says who it is, in milliseconds. */
const helloLimit = 10_000;

/** What happens with a process that was taken in. */
export interface Guest {
  onMessage(message: Message): void;
  onClose(reason: string): void;
}

/** Who a process says it is. */
export type Hello = Extract<Message, { type: "hello" }>;

/**
 * Takes connections in until the listener closes. One that is no process of the group, or whose rank is taken, is
 * told why and closed; the group goes on waiting.
 *
 * @param options takenBy: name of the process that has a rank already; welcome: takes a process in
 */
export async function receive(
  listener: Deno.TcpListener,
  { place, key, takenBy, welcome }: {
    readonly place: GroupPlace;
    readonly key: string;
    readonly takenBy: (rank: number) => string | undefined;
    readonly welcome: (hello: Hello, channel: LineChannel) => Guest;
  },
): Promise<void> {
  const refusalOf = (hello: Message): string | undefined => {
    if (hello.type !== "hello") return "it did not say who it is";
    if (hello.key !== key) return "it is of another group (HASHIGO_GROUP_KEY differs)";
    if (hello.size !== place.size) {
      return `it is one of ${hello.size} processes, this group has ${place.size}`;
    }
    if (hello.rank >= place.size) return `there is no rank ${hello.rank}`;
    const taken = takenBy(hello.rank);
    return taken && `${taken} is there already`;
  };
  for await (const connection of listener) {
    let guest: Guest | undefined;
    const channel = openLineChannel(connection, {
      onMessage(message) {
        if (guest !== undefined) return guest.onMessage(message);
        clearTimeout(patience);
        const reason = refusalOf(message);
        if (reason === undefined) return void (guest = welcome(message as Hello, channel));
        channel.send({ type: "failed", reason: `the leader refuses this process: ${reason}` });
        channel.close();
      },
      onClose(reason) {
        clearTimeout(patience);
        guest?.onClose(reason);
      },
    });
    const patience = setTimeout(() => channel.close(), helloLimit);
  }
}
