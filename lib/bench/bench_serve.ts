/** Measures the server of `serve`: what it answers in a second, and what it does when ten times as many ask. */
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { processorName } from "../cli/recording.ts";
import { openStudent } from "../inference/open_student.ts";
import { imageServer } from "../inference/serve/image_server.ts";
import { quantile } from "../metrics/costs/latency.ts";
import { randomStream } from "../tensors/random.ts";
import type { ClientOutcome, ClientTask } from "./serve_client.ts";
import { machineText } from "../report/format.ts";

/** What is served to whom. */
export interface ServeBenchSetting {
  /** Places of the server. */
  readonly places: number;
  /** Clients of the first part, below the places. */
  readonly clients: number;
  /** Requests of each part. */
  readonly requests: number;
  /** Width of the photos in pixels. */
  readonly width: number;
}

/** A small network, photos as a phone sends them when it makes them small, and ten times the places. */
export const serveSetting: ServeBenchSetting = {
  places: 128,
  clients: 32,
  requests: 2560,
  width: 640,
};

/** Network that is served: any clone has it. */
const model = "mobilenet_v2_imagenet@96";

/** One part of the bench. */
export interface ServeBenchPart {
  readonly clients: number;
  readonly requestsPerSecond: number;
  /** Milliseconds within which half of the answers came, and 99 of 100. */
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
  readonly failed: number;
  readonly dropped: number;
  readonly wrong: number;
}

/** Outcome of {@linkcode benchServe}. */
export interface ServeBench {
  readonly setting: ServeBenchSetting;
  readonly model: string;
  /** Below its capacity. */
  readonly usual: ServeBenchPart;
  /** Ten times as many clients as there are places. */
  readonly overload: ServeBenchPart;
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/** Serves on a free port, and loads the server from another process. */
export async function benchServe(
  setting: ServeBenchSetting,
  onProgress: (line: string) => void = () => {},
): Promise<ServeBench> {
  const folder = await Deno.makeTempDir({ prefix: "hashigo_bench_serve" });
  using student = await openStudent(model);
  const server = imageServer({ student, places: setting.places });
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, server.handle);
  try {
    const files = await writePhotos(folder, setting);
    const expected = (await student.embed(files)).map((row) => [...row.slice(0, 16)]);
    const address = `http://127.0.0.1:${http.addr.port}/`;
    const part = async (clients: number) => {
      onProgress(`${setting.requests} photos from ${clients} clients`);
      const { requests } = setting;
      return partOf(clients, await runClient({ address, files, expected, clients, requests }));
    };
    // The first requests compile.
    await runClient({ address, files, expected, clients: 64, requests: 256 });
    return {
      setting,
      model,
      usual: await part(setting.clients),
      overload: await part(10 * setting.places),
      machine: { cpu: processorName(), cores: navigator.hardwareConcurrency },
    };
  } finally {
    await http.shutdown();
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Photos of soft spots of colour, each of its own. */
async function writePhotos(folder: string, { width }: ServeBenchSetting): Promise<string[]> {
  const random = randomStream(0), files: string[] = [];
  for (let i = 0; i < 32; i++) {
    const pixels = Uint8Array.from(random.at("photo", i).normal(12 * 9 * 3), (x) => 128 + 60 * x);
    const file = `${folder}/${i}.jpg`;
    await sharp(pixels, { raw: { width: 12, height: 9, channels: 3 } })
      .resize(width, Math.round(0.75 * width), { kernel: "cubic" }).jpeg({ quality: 85 }).toFile(
        file,
      );
    files.push(file);
  }
  return files;
}

async function runClient(task: ClientTask): Promise<ClientOutcome> {
  const program = fileURLToPath(new URL("serve_client.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-config",
      "--allow-read",
      "--allow-net=127.0.0.1",
      program,
      JSON.stringify(task),
    ],
  }).output();
  if (!success) throw new Error(`The client failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function partOf(clients: number, outcome: ClientOutcome): ServeBenchPart {
  const { seconds, milliseconds, ...counts } = outcome;
  return {
    clients,
    requestsPerSecond: milliseconds.length / seconds,
    p50: quantile(milliseconds, 0.5),
    p99: quantile(milliseconds, 0.99),
    ...counts,
  };
}

/** The outcome as lines for people. */
export function serveTable({ setting, model, usual, overload, machine }: ServeBench): string[] {
  const lines = ([["usual", usual], ["10 x the places", overload]] as const).map(([title, part]) =>
    [
      title.padEnd(16),
      String(part.clients).padStart(8),
      part.requestsPerSecond.toFixed(0).padStart(11),
      `${part.p50.toFixed(0)} ms`.padStart(9),
      `${part.p99.toFixed(0)} ms`.padStart(9),
      ...[part.refused, part.failed, part.dropped, part.wrong].map((count) =>
        String(count).padStart(8)
      ),
    ].join("")
  );
  return [
    `${model}, ${setting.requests} photos of ${setting.width} px, ${setting.places} places`,
    "                 clients  requests/s      p50      p99     503  failed dropped   wrong",
    ...lines,
    `${machineText(machine)}, server and clients together`,
  ];
}
