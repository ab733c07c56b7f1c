/** What the features of a frozen network depend on besides its weights and images. */
import { startEngine } from "../engine/backend.ts";

/**
 * Version of the code that computes features, from pixels to tokens. It is raised whenever equal weights
 * and images come to give other features, so that none are read that an earlier release kept.
 */
const packageVersion = 2;

/** Versions that keys of kept features hold. */
export interface FeatureVersion {
  /** Of this package's features. */
  readonly features: number;
  /** The library that computes, its version, and the kind of device. */
  readonly library: string;
}

/** The versions of this process; starts the engine. */
export async function featureVersion(): Promise<FeatureVersion> {
  const { backend, version, devices } = await startEngine();
  const device = devices.some((name) => name.includes("GPU")) ? "GPU" : "CPU";
  return { features: packageVersion, library: `${backend} ${version} ${device}` };
}
