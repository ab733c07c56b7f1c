/** The protocol-buffer messages by which TensorFlow learns of a group of processes. */

/** The address of one process of a group. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** TensorFlow's name of the process of a rank. */
export function taskName(rank: number): string {
  return `/job:worker/replica:0/task:${rank}`;
}

/**
 * The configuration of a process in a group: rank 0 leads, and no graphics card takes part.
 *
 * ConfigProto { device_count = 1 { "GPU": 0 }, experimental = 16 { collective_group_leader = 1 } }
 */
export function groupConfig(): Uint8Array<ArrayBuffer> {
  return bytes(
    part(1, [...text(1, "GPU"), ...number(2, 0)]),
    part(16, text(1, taskName(0))),
  );
}

/**
 * The definition of the server of one process.
 *
 * ServerDef { cluster = 1 { job = 1 { name = 1, tasks = 2 { key = 1, value = 2 } } }, job_name = 2,
 * task_index = 3, default_session_config = 4, protocol = 5 }
 *
 * @param peers by rank
 */
export function serverDefinition(
  rank: number,
  peers: readonly PeerAddress[],
): Uint8Array<ArrayBuffer> {
  const tasks = peers.flatMap(({ host, port }, i) =>
    part(2, [...number(1, i), ...text(2, `${host.includes(":") ? `[${host}]` : host}:${port}`)])
  );
  return bytes(
    part(1, part(1, [...text(1, "worker"), ...tasks])),
    text(2, "worker"),
    number(3, rank),
    part(4, groupConfig()),
    text(5, "grpc"),
  );
}

const encoder = new TextEncoder();

function bytes(...parts: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flat());
}

function varint(value: number): number[] {
  const result: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) result.push(value % 128 + 128);
  return [...result, value];
}

function part(field: number, content: ArrayLike<number> & Iterable<number>): number[] {
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}

function text(field: number, value: string): number[] {
  return part(field, encoder.encode(value));
}

function number(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}
