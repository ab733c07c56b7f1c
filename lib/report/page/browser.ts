/**
 * Chromium without a window and without a network, driven by its DevTools protocol: enough to open a page
 * from the disk, to evaluate expressions on it and to take its picture.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";

/** Names under which distributions install Chromium. */
const browserNames: readonly string[] = ["chromium", "chromium-browser", "google-chrome"];

/** Parameters, results and events of the protocol; their fields depend on the method. */
export type ProtocolValue = { readonly [key: string]: unknown };

/** One page of a browser. */
export interface BrowserPage {
  /** Calls a method of the protocol, such as "Page.navigate". */
  call(method: string, parameters?: ProtocolValue): Promise<ProtocolValue>;
  /** Listens to an event of the protocol, such as "Runtime.exceptionThrown". */
  on(event: string, listener: (parameters: ProtocolValue) => void): void;
  /** Opens an address and waits until everything of it is loaded. */
  open(address: string): Promise<void>;
  /** The value of an expression on the page, which must survive JSON. */
  evaluate(expression: string): Promise<unknown>;
}

/** A running browser with one page. */
export interface Browser extends AsyncDisposable {
  readonly page: BrowserPage;
}

/** Name of an installed browser, if any; needs the permission to run `chromium` and its other names. */
export async function findBrowser(): Promise<string | undefined> {
  for (const name of browserNames) {
    if (await isInstalled(name)) return name;
  }
  return undefined;
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    // A name that is not there throws before there is a promise.
    return (await new Deno.Command(name, { args: ["--version"], stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/**
 * Starts a browser that resolves no host name and keeps no profile.
 *
 * @throws {UserError} Where none is installed, or it does not start.
 */
export async function openBrowser(): Promise<Browser> {
  const name = await findBrowser();
  if (name === undefined) {
    throw new UserError(
      `Cannot open a browser: found none of ${
        browserNames.join(", ")
      }. Install Chromium, such as ` +
        "with apt-get install chromium.",
    );
  }
  const profile = await Deno.makeTempDir({ prefix: "hashigo-browser" });
  const child = new Deno.Command(name, {
    args: [...browserFlags, `--user-data-dir=${profile}`, "about:blank"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const close = async () => {
    await child.status;
    // Child processes of the browser may still write for a moment after it has ended.
    for (let attempt = 0; attempt < 20; attempt++) {
      if (await Deno.remove(profile, { recursive: true }).then(() => true, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  try {
    const { address, drained } = await endpoint(child.stderr);
    const connection = await connect(address);
    return {
      page: await attach(connection),
      async [Symbol.asyncDispose]() {
        await connection.call("Browser.close");
        connection.socket.close();
        await close();
        await drained;
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    await close();
    throw error;
  }
}

// Pages are files of this package, so nothing needs the sandbox, which many containers cannot provide.
const browserFlags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--hide-scrollbars",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--remote-debugging-port=0",
];

/** The address that the browser prints on standard error, which must be read to its end. */
async function endpoint(
  stderr: ReadableStream<Uint8Array>,
): Promise<{ address: string; drained: Promise<void> }> {
  // A page's script is checked beside this file, and the two worlds do not agree on this type.
  const decoder: ReadableWritablePair<string, Uint8Array> = new TextDecoderStream() as never;
  const reader = stderr.pipeThrough(decoder).getReader();
  let output = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      throw new UserError(`Cannot open a browser: it ended at once, saying: ${output.slice(-400)}`);
    }
    output += value;
    const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
    if (address === undefined) continue;
    const drained = (async () => {
      while (!(await reader.read()).done);
    })();
    return { address, drained };
  }
}

interface Connection {
  readonly socket: WebSocket;
  readonly listeners: Map<string, ((parameters: ProtocolValue) => void)[]>;
  call(method: string, parameters?: ProtocolValue, session?: string): Promise<ProtocolValue>;
}

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
  const pending = new Map<number, PromiseWithResolvers<ProtocolValue>>();
  const listeners: Connection["listeners"] = new Map();
  let calls = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(String(data));
    if (method !== undefined) listeners.get(method)?.forEach((listener) => listener(params));
    else if (error) pending.get(id)?.reject(new Error(error.message));
    else pending.get(id)?.resolve(result);
    pending.delete(id);
  });
  return {
    socket,
    listeners,
    call(method, params = {}, sessionId) {
      const answer = Promise.withResolvers<ProtocolValue>();
      pending.set(++calls, answer);
      socket.send(JSON.stringify({ id: calls, method, params, sessionId }));
      return answer.promise;
    },
  };
}

async function attach(connection: Connection): Promise<BrowserPage> {
  const { targetId } = await connection.call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await connection.call("Target.attachToTarget", { targetId, flatten: true });
  const call: BrowserPage["call"] = (method, parameters) =>
    connection.call(method, parameters, String(sessionId));
  const on: BrowserPage["on"] = (event, listener) => {
    connection.listeners.set(event, [...connection.listeners.get(event) ?? [], listener]);
  };
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
  let loaded = Promise.withResolvers<void>();
  on("Page.loadEventFired", () => loaded.resolve());
  return {
    call,
    on,
    async open(address) {
      loaded = Promise.withResolvers();
      const { errorText } = await call("Page.navigate", { url: address });
      if (errorText) throw new UserError(`Cannot open "${address}": the browser says ${errorText}`);
      await loaded.promise;
    },
    async evaluate(expression) {
      const options = { expression, returnByValue: true, awaitPromise: true };
      const { result, exceptionDetails } = await call("Runtime.evaluate", options);
      if (exceptionDetails) throw new Error(`On the page: ${JSON.stringify(exceptionDetails)}`);
      return typeof result === "object" && result !== null && "value" in result
        ? result.value
        : undefined;
    },
  };
}
