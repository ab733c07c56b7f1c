import type { DoctorCheck } from "../engine/doctor/doctor.ts";
import { type FetchingHost, fetchingHost } from "../io/wheels/fetching_host.ts";
import { zoo } from "../teachers/zoo/entries.ts";
import { readFetchedWeights, weightsPlace } from "../teachers/zoo/fetched_weights.ts";

/** Says of each teacher whose weights are fetched whether they are here, and checks their digests. */
export function fetchedWeightsCheck(host: FetchingHost = fetchingHost()): DoctorCheck {
  return {
    name: "teachers",
    essential: false,
    run: async () => {
      const lines: string[] = [];
      for (const { name, wheel } of zoo) {
        if (wheel === undefined) continue;
        const place = weightsPlace(wheel, host);
        if (place !== "nowhere") await readFetchedWeights(wheel, host);
        lines.push(`${name} ${found[place]}`);
      }
      return lines.join("\n");
    },
  };
}

const found = {
  environment: "in the folder that HASHIGO_WEIGHTS names, digest checked",
  cache: "from the cache, digest checked",
  nowhere: "not here; fetched on first use",
};
