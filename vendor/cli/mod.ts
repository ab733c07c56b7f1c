/** A small stand-in for `jsr:@std/cli`; remove `links` from deno.json to use the real package. */
export * from "./parse_args.ts";
