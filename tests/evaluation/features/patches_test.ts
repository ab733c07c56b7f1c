import { assertEquals } from "@std/assert";
import { openModel } from "../../../lib/evaluation/models/open_model.ts";
import { patchExtractor } from "../../../lib/evaluation/features/patches.ts";
import { startEngine } from "../../../lib/engine/backend.ts";

await startEngine();

Deno.test("tokens of tiles lie in the grid of their image", async () => {
  const { backbone } = await openModel("resnet20_cifar10");
  const side = backbone.input.size, canvas = 2 * side;
  const images = (quarter: number) => ({
    count: 1,
    digest: "",
    truth: new Uint8Array(),
    pixels: () =>
      Uint8Array.from({ length: canvas * canvas * 3 }, (_, i) => {
        const [row, column] = [Math.floor(i / 3 / canvas), Math.floor(i / 3) % canvas];
        return 2 * Number(row >= side) + Number(column >= side) === quarter ? 250 : 0;
      }),
  });
  const extractor = patchExtractor(backbone, { canvas, tiles: 2 });
  const [rows, columns] = extractor.grid;
  const dark = await extractor.extract(images(-1));
  for (let quarter = 0; quarter < 4; quarter++) {
    const { tokens, width } = await extractor.extract(images(quarter));
    for (let token = 0; token < rows * columns; token++) {
      const values = tokens.subarray(token * width, (token + 1) * width);
      const differs = values.some((value, i) => value !== dark.tokens[token * width + i]);
      const [row, column] = [Math.floor(token / columns), token % columns];
      const within = 2 * Number(row >= rows / 2) + Number(column >= columns / 2);
      assertEquals(differs, within === quarter);
    }
  }
  extractor.dispose();
  backbone.dispose();
});
