import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { imageServer, type ImageServerOptions } from "../../../lib/inference/serve/image_server.ts";
import { neighbourIndex } from "../../../lib/inference/neighbours.ts";
import { openStudent } from "../../../lib/inference/open_student.ts";
import { png } from "../../images/images_fixture.ts";

const url = "http://127.0.0.1/";

async function withServer(
  options: Partial<ImageServerOptions>,
  body: (
    server: ReturnType<typeof imageServer>,
    student: ImageServerOptions["student"],
  ) => Promise<void>,
): Promise<void> {
  using student = await openStudent("resnet20_cifar10");
  const server = imageServer({ student, workers: 0, ...options });
  try {
    await body(server, student);
  } finally {
    await server.close();
  }
}

const post = (body: BodyInit) => new Request(url, { method: "POST", body });
const bytesOf = async (number: number) => new Uint8Array(await png(number, 40, 40));

Deno.test("every image gets the embedding of its own, however many come at once", () =>
  withServer({ batchSize: 4, places: 100 }, async (server, student) => {
    const images = await Promise.all(Array.from({ length: 30 }, (_, i) => bytesOf(i)));
    const expected = await student.embed(images);
    const answers = await Promise.all(images.map((image) => server.handle(post(image))));
    for (const [i, answer] of answers.entries()) {
      assertEquals(answer.status, 200);
      const { embedding } = await answer.json();
      expected[i]!.forEach((value, j) => assertAlmostEquals(embedding[j], value, 1e-3));
    }
    const text = await (await server.handle(new Request(`${url}metrics`))).text();
    assertStringIncludes(text, 'hashigo_requests_total{status="200"} 30');
    assertStringIncludes(text, "hashigo_images_total 30");
    assertStringIncludes(text, "hashigo_waiting 0");
  }));

Deno.test("more than there are places get 503 at once, with when to come again", () =>
  withServer({ places: 3 }, async (server) => {
    const image = await bytesOf(0);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.handle(post(image))),
    );
    const statuses = answers.map(({ status }) => status);
    assertEquals(statuses.filter((status) => status === 200).length, 3);
    for (const { status, headers } of answers) {
      if (status !== 200) assertEquals([status, headers.get("retry-after")], [503, "1"]);
    }
    assertEquals((await server.handle(post(image))).status, 200);
  }));

Deno.test("neighbours are those of the index", () =>
  withServer({}, async (_, student) => {
    const images = await Promise.all([0, 20, 40].map(bytesOf));
    const rows = await student.embed(images);
    const features = Float32Array.from(rows.flatMap((row) => [...row]));
    const neighbours = neighbourIndex({ features, width: student.width });
    const index = { names: ["a", "b", "c"], neighbours };
    const server = imageServer({ student, workers: 0, index, count: 2 });
    const { nearest } = await (await server.handle(post(images[1]!))).json();
    assertEquals([nearest.length, nearest[0].image], [2, "b"]);
    assertAlmostEquals(nearest[0].similarity, 1, 1e-3);
    const health = await (await server.handle(new Request(`${url}health`))).json();
    assertEquals([health.status, health.index, health.classes], ["ok", 3, null]);
    await server.close();
  }));

Deno.test("hostile bodies are refused, and the server goes on", () =>
  withServer({ mostBytes: 5000, bodyMilliseconds: 50 }, async (server) => {
    const bomb = new TextEncoder().encode("P6 60000 60000 255\n");
    const huge = await png(0, 12, 12);
    const claims = new Uint8Array(huge);
    // Its header claims 2 billion pixels.
    new DataView(claims.buffer).setUint32(16, 60000);
    new DataView(claims.buffer).setUint32(20, 60000);
    const endless = new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(3)) });
    const cases: [body: BodyInit, status: number][] = [
      [new Uint8Array(5001), 413],
      ["", 400],
      ["<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", 422],
      [bomb, 422],
      [claims, 422],
      [new Uint8Array(huge.slice(0, 60)), 422],
      [crypto.getRandomValues(new Uint8Array(4000)), 422],
      [endless, 408],
    ];
    for (const [body, status] of cases) {
      const answer = await server.handle(post(body));
      assertEquals(answer.status, status);
      assert((await answer.json()).error.length > 10);
    }
    assertEquals((await server.handle(post(new Uint8Array(huge)))).status, 200);
  }));

Deno.test("other paths and methods are told what is there", () =>
  withServer({}, async (server) => {
    const answer = async (path: string, method: string) => {
      const { status, headers } = await server.handle(new Request(url + path, { method }));
      return [status, headers.get("allow")];
    };
    assertEquals(await answer("", "GET"), [405, "POST"]);
    assertEquals(await answer("health", "POST"), [405, "GET"]);
    assertEquals(await answer("../etc/passwd", "GET"), [404, null]);
    assertEquals(await answer("health", "HEAD"), [200, null]);
  }));
