import { assertEquals } from "@std/assert";
import {
  type LineChannel,
  type Message,
  openLineChannel,
} from "../../../lib/engine/collectives/line_channel.ts";

interface End {
  readonly channel: LineChannel;
  readonly messages: Message[];
  /** The reason of the end. */
  readonly closed: Promise<string>;
}

function endOf(connection: Deno.TcpConn): End {
  const messages: Message[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  const onMessage = (message: Message) => void messages.push(message);
  return {
    channel: openLineChannel(connection, { onMessage, onClose: resolve }),
    messages,
    closed,
  };
}

async function connected(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return await Promise.all([listener.accept(), Deno.connect({ port })]);
}

Deno.test("messages come whole and in turn, however long, until the other end closes", async () => {
  const [near, far] = await connected();
  const sender = endOf(near), taker = endOf(far);
  const peers = Array.from({ length: 20_000 }, (_, i) => ({ host: `node${i} ä`, port: 1 + i }));
  sender.channel.send({ type: "start", peers });
  sender.channel.send({ type: "serving" });
  await sender.channel.send({ type: "alive", operations: 3 });
  await sender.channel.close();
  assertEquals(await taker.closed, "it closed the connection without a word");
  assertEquals(taker.messages, [
    { type: "start", peers },
    { type: "serving" },
    { type: "alive", operations: 3 },
  ]);
});

for (
  const [what, bytes, reason] of [
    ["no JSON", "GET / HTTP/1.1\n", "it said something that is no JSON"],
    ["no message", '{"type":"do","what":"anything"}\n', "it said something that is no message"],
    [
      "a port that is none",
      '{"type":"ready","port":70000}\n',
      "it said something that is no message",
    ],
    ["a line without end", "a".repeat((4 << 20) + 1), "it said too much at once"],
  ] as const
) {
  Deno.test(`${what} ends the connection`, async () => {
    const [near, far] = await connected();
    const taker = endOf(near);
    const writer = far.writable.getWriter();
    const writing = writer.write(new TextEncoder().encode(bytes)).catch(() => {});
    assertEquals([await taker.closed, taker.messages], [reason, []]);
    await writing;
    await writer.close().catch(() => {});
  });
}
