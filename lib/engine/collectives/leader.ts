/** The leader's end of a meeting: it listens, takes the others in, and tells all who is missing. */
import { UserError } from "../../errors/user_error.ts";
import { connectToLeader } from "./connect.ts";
import { GroupEnd, GroupFailure, GroupFinished } from "./group_end.ts";
import type { LineChannel, Message } from "./line_channel.ts";
import {
  Conditions,
  isLoopback,
  type Meeting,
  type MeetingOptions,
  rankName,
  silenceText,
} from "./meeting.ts";
import { receive } from "./reception.ts";
import { type Watched, watchOver } from "./watch.ts";

/** A process that was taken in. */
interface Seat extends Watched {
  readonly channel: LineChannel;
  readonly rank: number;
  readonly host: string;
  /** Of its server; undefined until it is ready. */
  port: number | undefined;
  /** Runs of the group that it was ready for, and what it gave for the last. */
  runs: number;
  facts?: unknown;
  serving: boolean;
}

/** Between two notes about whom the leader waits for, in milliseconds. */
const noteEvery = 10_000;

/**
 * Opens the meeting of a group as its leader.
 *
 * @param differences between what another process and what the leader gives, as lines; none where it may take part
 * @throws {UserError} where the port is in use, by another leader or by anything else
 */
export async function openAsLeader(
  options: MeetingOptions,
  differences: (theirs: unknown, own: unknown, rank: number) => readonly string[],
): Promise<Meeting> {
  const { place, limits, key, onNote, now } = options, { size } = place;
  const listener = await listen(options);
  const end = new GroupEnd(), conditions = new Conditions(end);
  const seats = new Map<number, Seat>();
  const others = Array.from({ length: size - 1 }, (_, i) => i + 1);
  const nameOf = (rank: number) => seats.get(rank)?.name ?? rankName({ rank, size });
  const missing = () => others.filter((rank) => !seats.has(rank)).map(nameOf);
  const unready = () =>
    [...seats.values()].filter(({ runs }) => runs < own.runs).map(({ name }) => name);
  let opened = now(), operations = 0, closed = false;
  let own: { readonly runs: number; readonly facts?: unknown } = { runs: 0 };

  const fail = async (reason: string) => {
    end.come(new GroupFailure(reason));
    await close({ type: "failed", reason });
  };
  const watch = watchOver(() => [...seats.values()], {
    ...{ seconds: limits.silence, now },
    beat: () => seats.forEach(({ channel }) => channel.send({ type: "alive", operations })),
    onSilent: (silent) => fail(silenceText(silent.map(({ name }) => name), limits.silence)),
  });
  const joining = setTimeout(() => {
    if (missing().length === 0) return;
    fail(`${missing().join(" and ")} did not start within ${limits.join} s`);
  }, 1000 * limits.join);
  const waiting = setInterval(() => {
    const seconds = Math.round((now() - opened) / 1000);
    if (missing().length > 0) {
      onNote(`waiting for ${missing().join(" and ")}: ${seconds} s of at most ${limits.join} s`);
    } else if (unready().length > 0) {
      // Images that are packed for the first time may take hours, so there is no limit.
      onNote(`waiting for ${unready().join(" and ")} to open what is needed: ${seconds} s`);
    }
  }, noteEvery);
  const close = async (last: Message) => {
    if (closed) return;
    closed = true;
    listener.close();
    watch[Symbol.dispose]();
    clearTimeout(joining);
    clearInterval(waiting);
    seats.forEach(({ channel }) => channel.send(last));
    await Promise.all([...seats.values()].map(({ channel }) => channel.close()));
  };

  /** As soon as both are ready for the same run. */
  const compare = (seat: Seat): void => {
    if (seat.runs !== own.runs) return;
    const lines = differences(seat.facts, own.facts, seat.rank);
    if (lines.length > 0) fail(differencesText(seat.name, lines));
  };
  const take = (seat: Seat, message: Message): void => {
    seat.lastHeard = now();
    if (message.type === "ready") {
      seat.port = message.port;
      seat.runs += 1;
      seat.facts = message.facts;
      compare(seat);
    }
    if (message.type === "serving") seat.serving = true;
    if (message.type === "alive") seat.operations = message.operations;
    if (message.type === "failed") return void fail(`${seat.name} stopped: ${message.reason}`);
    conditions.check();
  };
  receive(listener, {
    ...{ place, key },
    takenBy: (rank) => rank === 0 ? nameOfLeader(options) : seats.get(rank)?.name,
    welcome({ rank, process }, channel) {
      const { host } = channel, name = rankName({ rank, size }, { process, host });
      const rest = { port: undefined, runs: 0, serving: false, operations: 0, lastHeard: now() };
      const seat: Seat = { channel, rank, host, name, ...rest };
      seats.set(rank, seat);
      channel.send({ type: "welcome", process: Deno.pid });
      conditions.check();
      return {
        onMessage: (message) => take(seat, message),
        onClose: (reason) => void (end.reason ?? fail(`${name} ended: ${reason}`)),
      };
    },
  }).catch((error) => fail(`the leader can listen no longer: ${error}`));

  return {
    end,
    nameOf,
    async ready(port, facts) {
      own = { runs: own.runs + 1, facts };
      opened = own.runs === 1 ? opened : now();
      seats.forEach(compare);
      await conditions.until(() => missing().length === 0 && unready().length === 0);
      const peers = [{ host: place.host, port }];
      for (const rank of others) {
        const { host, port } = seats.get(rank)!;
        peers.push({ host, port: port! });
      }
      seats.forEach(({ channel }) => channel.send({ type: "start", peers }));
      return peers;
    },
    serving: () => conditions.until(() => [...seats.values()].every(({ serving }) => serving)),
    async say(word) {
      await conditions.until(() => missing().length === 0);
      await end.before(
        Promise.all([...seats.values()].map(({ channel }) => channel.send({ type: "word", word }))),
      );
      return word;
    },
    countOperation: () => void operations++,
    behind: () =>
      [...seats.values()].filter((seat) => seat.operations < operations).map(({ name }) => name),
    fail,
    async finish() {
      end.come(new GroupFinished());
      await close({ type: "finished" });
    },
  };
}

function nameOfLeader({ place }: Pick<MeetingOptions, "place">): string {
  return rankName({ rank: 0, size: place.size }, { process: Deno.pid, host: place.host });
}

function differencesText(name: string, differences: readonly string[]): string {
  return `${name} has something else than the leader (it -> the leader):\n` +
    differences.map((line) => `  - ${line}`).join("\n");
}

/** Nothing but this machine reaches a group on the loopback device. */
async function listen(options: MeetingOptions): Promise<Deno.TcpListener> {
  const { host, port } = options.place;
  try {
    return Deno.listen({ hostname: isLoopback(host) ? "127.0.0.1" : "0.0.0.0", port });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    const answer = await connectToLeader(options).catch(() => undefined);
    const who = answer?.refusal ?? "another program, or a leader of another group";
    answer?.channel.close();
    throw new UserError(
      `Cannot lead a group of ${options.place.size} processes at ${host}:${port}: the port is in use. ` +
        `Found there: ${who.replace(/\.$/, "")}. Expected one leader: end the other one, or set ` +
        "MASTER_PORT to a free port for all processes of this group",
    );
  }
}
