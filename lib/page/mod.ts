/**
 * A static page that runs a student in the browser of whoever opens it.
 *
 * @module
 */

export { buildPage, type BuildPageOptions, type BuiltPage } from "./build_page.ts";
