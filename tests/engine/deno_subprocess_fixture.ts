import { fileURLToPath } from "node:url";

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string | undefined;

/** Deno's own cache, which would move with XDG_CACHE_HOME and then need the network. */
async function denoFolder(): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] });
  return folder ??= JSON.parse(new TextDecoder().decode((await command.output()).stdout)).denoDir;
}

/** Runs Deno in the root of the project, with nothing of this process's environment but PATH and HOME. */
export async function runDeno(args: string[], environment: Record<string, string>): Promise<Ended> {
  const inherited = Object.fromEntries(
    ["PATH", "HOME"].map((name) => [name, Deno.env.get(name) ?? ""]),
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    clearEnv: true,
    env: { ...inherited, DENO_DIR: await denoFolder(), NO_COLOR: "1", ...environment },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
