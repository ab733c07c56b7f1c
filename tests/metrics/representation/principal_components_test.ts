import { assertEquals, assertRejects } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { principalComponents } from "../../../lib/metrics/representation/principal_components.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { assertClose, golden } from "../../golden_values_fixture.ts";

await startEngine();

interface Golden {
  readonly cases: readonly {
    readonly rows: number;
    readonly width: number;
    readonly features: string;
    readonly projected: string;
    readonly shares: string;
  }[];
}

Deno.test("principal components are those of scikit-learn, signs included", async () => {
  for (const expected of golden<Golden>("metrics/principal_components").cases) {
    const features = Float32Array.from(expected.features.split(" ").map(Number));
    const { projected, shares } = await principalComponents({ features, width: expected.width }, 3);
    const name = `${expected.rows} x ${expected.width}`;
    assertClose(projected, expected.projected, 2e-5, name);
    assertClose(shares, expected.shares, 1e-5, name);
    const again = await principalComponents({ features, width: expected.width }, 3);
    assertEquals(again.projected, projected);
  }
});

Deno.test("features without directions are refused", async () => {
  const refused = [
    { features: new Float32Array(12).fill(2), width: 4 },
    { features: Float32Array.of(1, 2, 3, 4), width: 4 },
    { features: Float32Array.of(1, 2, 3, NaN, 5, 6, 7, 8, 9, 1, 2, 3), width: 3 },
    { features: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), width: 2 },
  ];
  for (const matrix of refused) {
    await assertRejects(() => principalComponents(matrix, 3), UserError);
  }
});
