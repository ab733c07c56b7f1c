/**
 * Fetches a pinned wheel through whichever package installer the machine has, so that proxies,
 * mirrors and credentials are those that its owner has set up.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { fileDigest } from "../digest.ts";
import type { FetchingHost, RunResult } from "./fetching_host.ts";
import { extractFromWheel, type StoredFile } from "./extract_from_wheel.ts";
import type { Wheel, WheelSet } from "./wheel.ts";

/**
 * Nothing can be fetched on this machine as it is: no installer, no network, no space. Mistakes that
 * must not pass unseen, such as a wrong digest, are plain {@link UserError}s.
 */
export class WheelUnavailable extends UserError {}

/** A program that can fetch wheels. */
export interface Installer {
  readonly kind: "pip" | "uv";
  readonly command: readonly string[];
}

const candidates: readonly Installer[] = [
  { kind: "pip", command: ["python3", "-m", "pip"] },
  { kind: "pip", command: ["python", "-m", "pip"] },
  { kind: "pip", command: ["pip3"] },
  { kind: "pip", command: ["pip"] },
  { kind: "uv", command: ["uv"] },
];

/**
 * The first installer that answers.
 *
 * @throws {WheelUnavailable} Where none does.
 */
export async function findInstaller(
  { title, otherwise }: Pick<WheelSet, "title" | "otherwise">,
  host: FetchingHost,
): Promise<Installer> {
  for (const installer of candidates) {
    const { code } = await host.run([...installer.command, "--version"]);
    if (code === 0) return installer;
  }
  throw new WheelUnavailable(
    `${title} is fetched from a Python wheel; found none of python3 with pip, pip and uv, or ` +
      "none that this process may start. Install Python (any version, on Debian: apt install " +
      `python3-pip) or uv, or ${otherwise}`,
  );
}

/**
 * Fetches `wheel`, checks its digest and puts the files that `keep` matches into `folder`. Everything
 * else goes into `scratch`, which is removed.
 *
 * @throws {UserError} Where the digest differs.
 * @throws {WheelUnavailable} Where the installer fails.
 */
export async function fetchWheel(
  wheel: Wheel,
  { set, folder, scratch, installer, host }: {
    readonly set: Omit<WheelSet, "wheels">;
    readonly folder: string;
    readonly scratch: string;
    readonly installer: Installer;
    readonly host: FetchingHost;
  },
): Promise<StoredFile[]> {
  const title = `${wheel.name} ${wheel.version}`;
  const progress = (stage: string) => (done: number, total: number) =>
    host.onProgress({ stage, done, total });
  const fetched = await download(wheel, {
    ...{ set, scratch, installer, host },
    onProgress: progress(`Fetching ${title}`),
  });
  let files: StoredFile[];
  if (installer.kind === "pip") {
    await checkDigest(wheel, fetched);
    const onProgress = progress(`Unpacking ${title}`);
    files = await extractFromWheel(fetched, folder, { keep: wheel.keep, onProgress });
  } else {
    files = await moveKept(wheel, fetched, folder);
  }
  await Deno.remove(scratch, { recursive: true });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes !== wheel.unpackedBytes) {
    throw new UserError(
      `Unpacked ${title}: found ${files.length} files of ${bytes} bytes together, ` +
        `expected ${wheel.unpackedBytes} bytes. Remove ${folder} and try again`,
    );
  }
  return files;
}

async function download(
  wheel: Wheel,
  { set, scratch, installer, host, onProgress }: {
    readonly set: Omit<WheelSet, "wheels">;
    readonly scratch: string;
    readonly installer: Installer;
    readonly host: FetchingHost;
    readonly onProgress: (done: number, total: number) => void;
  },
): Promise<string> {
  const target = `${scratch}/fetched`;
  const temporary = `${scratch}/temporary`;
  for (const path of [target, temporary]) await Deno.mkdir(path, { recursive: true });
  const pinned = `${wheel.name}==${wheel.version}`;
  const requirements = `${scratch}/requirements.txt`;
  await Deno.writeTextFile(requirements, `${pinned} --hash=sha256:${wheel.sha256}\n`);
  const fixed = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11"];
  const { pip = [], uv } = set.platforms ?? {};
  const platforms = pip.flatMap((platform) => ["--platform", platform]);
  // Without a digest on its command line, since pip would then remove a wrong file unseen.
  const command = installer.kind === "pip"
    ? ["download", "--no-cache-dir", "--no-input", ...fixed, ...platforms, "--dest", target, pinned]
    : ["pip", "install", "--no-cache", "--require-hashes", ...fixed]
      .concat(uv === undefined ? [] : ["--python-platform", uv])
      .concat("--target", target, "-r", requirements);
  // Neither reports its progress to a program, so the bytes that it has written are watched.
  let seen = 0;
  const timer = setInterval(() => {
    seen = Math.max(seen, Math.min(folderBytes(scratch), wheel.bytes - 1));
    onProgress(seen, wheel.bytes);
  }, 200);
  try {
    const result = await host.run([...installer.command, ...command], { TMPDIR: temporary });
    if (result.code !== 0) throw installerFailed(pinned, { installer, result, set });
  } finally {
    clearInterval(timer);
  }
  onProgress(wheel.bytes, wheel.bytes);
  if (installer.kind === "uv") return target;
  const [file] = [...Deno.readDirSync(target)].filter(({ name }) => name.endsWith(".whl"));
  if (file === undefined) throw new UserError(`Fetched ${pinned}: found no wheel in ${target}`);
  return `${target}/${file.name}`;
}

function installerFailed(
  pinned: string,
  { installer, result, set }: {
    readonly installer: Installer;
    readonly result: RunResult;
    readonly set: Pick<WheelSet, "otherwise">;
  },
): UserError {
  const program = installer.command.join(" ");
  const lines = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-4);
  const output = lines.map((line) => `\n  ${line.trim().slice(0, 160)}`).join("");
  if (/hash(es)? (mismatch|do not match)|mismatched hash/i.test(output)) {
    return new UserError(
      `Fetched ${pinned} with ${program}, which found another file than the pinned one:${output}\n` +
        "Check which index it uses",
    );
  }
  return new WheelUnavailable(
    `Fetching ${pinned} with ${program} failed; its last lines:${output}\n` +
      "Check the network, the proxy and the package index that it uses, or " + set.otherwise,
  );
}

async function checkDigest(wheel: Wheel, path: string): Promise<void> {
  const digest = await fileDigest(path);
  if (digest === wheel.sha256) return;
  throw new UserError(
    `Fetched ${wheel.name} ${wheel.version}: found SHA-256 ${digest}, expected ${wheel.sha256}. ` +
      "The file was removed. Check which package index pip uses (pip config list)",
  );
}

async function moveKept(wheel: Wheel, from: string, to: string): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const path of filesBelow(from).filter((path) => wheel.keep.test(path))) {
    await Deno.mkdir(`${to}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.rename(`${from}/${path}`, `${to}/${path}`);
    const { size: bytes } = await Deno.stat(`${to}/${path}`);
    stored.push({ path, bytes, sha256: await fileDigest(`${to}/${path}`) });
  }
  return stored;
}

/** Paths of all files below `folder`, relative to it. */
function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${prefix}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(folder, `${prefix}${name}/`) : [`${prefix}${name}`]
  );
}

function folderBytes(folder: string): number {
  try {
    return filesBelow(folder).reduce((sum, path) => sum + fileBytes(`${folder}/${path}`), 0);
  } catch {
    return 0; // The installer has just removed something.
  }
}

function fileBytes(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0;
  }
}
