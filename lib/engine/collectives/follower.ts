/** The end of a meeting at every rank but the leader's. */
import { UserError } from "../../errors/user_error.ts";
import { connectToLeader, type LeaderAnswer } from "./connect.ts";
import { GroupEnd, GroupFailure, GroupFinished } from "./group_end.ts";
import type { Message } from "./line_channel.ts";
import { Conditions, type Meeting, type MeetingOptions, rankName, silenceText } from "./meeting.ts";
import { watchOver } from "./watch.ts";

/** Between two attempts to reach a leader that has not started yet, in milliseconds. */
const retryAfter = 500;

/**
 * Opens the meeting of a group as one of those that follow; it waits for the leader.
 *
 * @throws {UserError} where there is no leader in time, or it refuses this process
 */
export async function openAsFollower(options: MeetingOptions): Promise<Meeting> {
  const { place, limits, now } = options, { size } = place;
  const { channel, process, listen } = await reach(options);
  const end = new GroupEnd(), conditions = new Conditions(end);
  const name = rankName({ rank: 0, size }, { process, host: place.host });
  const leader = { name, lastHeard: now(), operations: 0 };
  const words: unknown[] = [];
  let operations = 0, peers: Extract<Message, { type: "start" }>["peers"] | undefined;

  const stop = async (error: GroupFailure | GroupFinished) => {
    end.come(error);
    watch[Symbol.dispose]();
    await channel.close();
  };
  const watch = watchOver(() => [leader], {
    ...{ seconds: limits.silence, now },
    beat: () => void channel.send({ type: "alive", operations }),
    onSilent: () => void stop(new GroupFailure(silenceText([name], limits.silence))),
  });
  listen({
    onMessage(message) {
      leader.lastHeard = now();
      if (message.type === "alive") leader.operations = message.operations;
      if (message.type === "start") peers = message.peers;
      if (message.type === "word") words.push(message.word);
      if (message.type === "failed") return void stop(new GroupFailure(message.reason));
      if (message.type === "finished") return void stop(new GroupFinished());
      conditions.check();
    },
    onClose: (reason) => void stop(new GroupFailure(`${name} ended: ${reason}`)),
  });
  return {
    end,
    nameOf: (rank) => rank === 0 ? name : rankName({ rank, size }),
    async ready(port, facts) {
      peers = undefined;
      channel.send({ type: "ready", port, facts });
      await conditions.until(() => peers !== undefined);
      return peers!;
    },
    async serving() {
      await end.before(channel.send({ type: "serving" }));
    },
    async say() {
      await conditions.until(() => words.length > 0);
      return words.shift();
    },
    countOperation: () => void operations++,
    behind: () => leader.operations < operations ? [name] : [],
    async fail(reason) {
      channel.send({ type: "failed", reason });
      await stop(new GroupFailure(reason));
    },
    finish: () => stop(new GroupFinished()),
  };
}

/** Waits until the leader has started and takes this process in. */
async function reach(
  options: MeetingOptions,
): Promise<Pick<LeaderAnswer, "channel" | "listen"> & { readonly process: number }> {
  const { place: { host, port, rank, size }, limits, onNote, now } = options;
  const opened = now();
  const attempt = `join the group at ${host}:${port} as rank ${rank} of ${size}`;
  let noted = 0;
  for (;;) {
    const answer = await connectToLeader(options).catch((error) => {
      if (error instanceof Deno.errors.NotCapable) throw error;
      return undefined;
    });
    const seconds = (now() - opened) / 1000;
    if (answer?.process !== undefined) return { ...answer, process: answer.process };
    if (answer !== undefined) {
      answer.channel.close();
      throw new UserError(
        `Cannot ${attempt}: ${answer.refusal}. Expected a leader that waits for this process; see ` +
          "that all processes are given the same size, address and port",
      );
    }
    if (seconds > limits.join) {
      throw new UserError(
        `Cannot ${attempt}: its leader did not start within ${limits.join} s. Start rank 0 of the same ` +
          "size at that address, or raise HASHIGO_JOIN_SECONDS",
      );
    }
    if (seconds >= noted + 10) {
      noted = seconds;
      onNote(
        `waiting for the leader at ${host}:${port}: ${Math.round(seconds)} s of at most ` +
          `${limits.join} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, retryAfter));
  }
}
