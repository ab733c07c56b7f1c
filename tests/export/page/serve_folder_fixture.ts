/** Serves the files of a folder to a browser on this machine. */

const types: Readonly<Record<string, string>> = {
  ...{ html: "text/html", js: "text/javascript", mjs: "text/javascript", css: "text/css" },
  ...{ json: "application/json", wasm: "application/wasm", jpg: "image/jpeg", png: "image/png" },
};

/** @param options isolated: whether pages may use threads */
export function serveFolder(
  folder: string,
  { isolated }: { readonly isolated: boolean },
): AsyncDisposable & { readonly address: string } {
  const headers = isolated
    ? {
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    }
    : {};
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async ({ url }) => {
      const { pathname } = new URL(url);
      const path = folder + (pathname === "/" ? "/index.html" : decodeURIComponent(pathname));
      try {
        const type = types[path.split(".").at(-1)!] ?? "application/octet-stream";
        return new Response(await Deno.readFile(path), {
          headers: { ...headers, "content-type": type },
        });
      } catch {
        return new Response(null, { status: 404 });
      }
    },
  );
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
