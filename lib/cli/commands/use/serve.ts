/** `serve RUN`: an HTTP endpoint that embeds, classifies and finds similar images. */
import { checkEvaluation } from "../../../evaluation/check_evaluation.ts";
import { checkSource } from "../../../images/sources/check_source.ts";
import { folderFeatures } from "../../../inference/folder_features.ts";
import { neighbourIndex } from "../../../inference/neighbours.ts";
import { openStudent } from "../../../inference/open_student.ts";
import { imageServer } from "../../../inference/serve/image_server.ts";
import { UserError } from "../../../errors/user_error.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { decodeOptions, readDecodeOptions, showReading } from "../../decode_options.ts";

/** The command, as a value. */
export const serve = defineCommand({
  name: "serve",
  group: "use",
  summary: "Serves a student over HTTP: POST an image, get its embedding, class and nearest images",
  details:
    "POST / with the bytes of an image file answers JSON: embedding; class, probability and unsure, where\n" +
    "there is a classifier (deno task classify); nearest, with --index. GET /health says what is served, GET\n" +
    "/metrics counts, for Prometheus. What is no image gets 422, what is too large 413. When all places are\n" +
    "taken a request gets 503 with Retry-After at once. An interrupt lets what is being answered end.",
  example: "runs/photos --index photos --port 8080",
  positionals: ["RUN"],
  interrupt: "signal",
  options: {
    port: { type: "number", value: "N", summary: "port, default 8080; 0 takes a free one" },
    host: {
      type: "text",
      value: "NAME",
      summary: "address to listen at, default 127.0.0.1: this machine alone",
    },
    index: { type: "text", value: "FOLDER", summary: "images of which the nearest are answered" },
    count: { type: "number", value: "N", summary: "nearest images of each, default 5" },
    model: { type: "text", value: "FILE", summary: "classifier, default head.safetensors in RUN" },
    "maximum-bytes": {
      type: "number",
      value: "N",
      summary: "bytes of an image at most, default 10 million",
    },
    places: {
      type: "number",
      value: "N",
      summary: "requests that wait or are answered at most, default 128; more get 503",
    },
    ...decodeOptions,
  },
  check: async ({ positionals: [source = ""], options }) => {
    const { port = 8080, host = "127.0.0.1", index, count = 5, places = 128 } = options;
    const mostBytes = options["maximum-bytes"] ?? 10_000_000;
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new UsageError(`Found --port ${port}, expected a whole number from 0 to 65535`);
    }
    for (const [name, value] of Object.entries({ count, places, "maximum-bytes": mostBytes })) {
      if (Number.isSafeInteger(value) && value > 0) continue;
      throw new UsageError(`Found --${name} ${value}, expected a whole number of at least 1`);
    }
    const decoding = readDecodeOptions(options);
    await checkEvaluation({ models: [{ source }], tasks: [] });
    if (index !== undefined) await checkSource(index);
    listen({ port, host }).close();
    return { source, port, host, count, places, mostBytes, decoding };
  },
  run: async (
    { options: { index, model }, signal, say, progress, work, emit },
    { source, port, host, count, places, mostBytes, decoding },
  ) => {
    using student = await openStudent(source, { ...model !== undefined && { head: model } });
    const features = index === undefined
      ? undefined
      : await folderFeatures(student.backbone, index, {
        ...decoding,
        ...showReading({ progress, work }),
      });
    const server = imageServer({
      ...{ student, count, places, mostBytes, decoding },
      index: features && { names: features.names, neighbours: neighbourIndex(features) },
    });
    const listening = Promise.withResolvers<void>();
    const http = Deno.serve({
      ...{ port, hostname: host },
      onListen: ({ hostname, port }) => {
        const address = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
        say(`${student.name} at ${address}: curl --data-binary @photo.jpg ${address}`);
        const { classes } = student;
        say(
          `  answers: embedding (${student.width} numbers)${
            classes === undefined ? "" : `, class (of ${classes.length})`
          }${features === undefined ? "" : `, nearest (of ${features.names.length})`}`,
        );
        emit({ address, model: student.name });
        listening.resolve();
      },
    }, server.handle);
    await listening.promise;
    await new Promise<void>((resolve) =>
      signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())
    );
    await http.shutdown();
    await server.close();
  },
});

/** Takes a port, to see that it is free. */
function listen({ port, host }: { readonly port: number; readonly host: string }): Deno.Listener {
  try {
    return Deno.listen({ port, hostname: host });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const found = error instanceof Deno.errors.AddrInUse
      ? "another program listens there"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UserError(
      `Cannot serve at ${host}:${port}: ${found}. Choose another --port (0 takes a free one) or --host`,
      { cause: error },
    );
  }
}
