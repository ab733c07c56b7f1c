import { assertEquals } from "@std/assert";
import { measureCacheRates } from "../../../lib/training/feature_cache/measure_rates.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { inFolder } from "../../images/images_fixture.ts";

Deno.test("every record is written and read again; a clock tells the rates", () =>
  inFolder((folder) => {
    let time = 0;
    const rates = measureCacheRates(folder, { records: 8, width: 6, batch: 4 }, {
      ...{ repeats: 2, random: randomStream(0), now: () => time += 500 },
    });
    assertEquals(rates, {
      // A checksum and six numbers of 16 bits each.
      bytes: 8 * (4 + 12),
      ...{ diskSeconds: 0.5, recordSeconds: [0.5, 0.5], plainSeconds: [0.5, 0.5] },
    });
    const sizes = [...Deno.readDirSync(folder)].map(({ name }) =>
      Deno.statSync(`${folder}/${name}`).size
    );
    // The copy that is timed is whole.
    assertEquals(sizes, [128, 128]);
    return Promise.resolve();
  }));
