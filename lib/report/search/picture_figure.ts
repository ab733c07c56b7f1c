/** Pictures in rows, with a caption each, for pages that show images of folders. */
import { html, type Markup } from "../html.ts";

/** Style sheet of the pictures. */
export const pictureStyle = `
.row { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 8px; padding: 10px 0; border-bottom: 1px solid var(--faint); }
.row figure { margin: 0; width: 80px; }
.row img, .row .absent { display: block; width: 80px; height: 80px; border-radius: 8px; background: var(--faint); }
.row .absent { display: grid; place-items: center; color: var(--muted); font-size: 12px; }
.row figcaption { margin-top: 2px; overflow: hidden; color: var(--muted); font-size: 12px; font-weight: 400; text-overflow: ellipsis; white-space: nowrap; }
`;

/**
 * A picture by its name.
 *
 * @param pictures data URLs by name; an image without one has become unreadable
 * @param value what its caption says, with the words for it; default: the last part of its name
 */
export function pictureFigure(
  pictures: ReadonlyMap<string, string>,
  name: string,
  value?: { readonly what: string; readonly text: string },
): Markup {
  const source = pictures.get(name);
  const words = value === undefined ? name : `${name}, ${value.what} ${value.text}`;
  return html`<figure title="${words}">${
    source === undefined
      ? html`<div class="absent">unreadable</div>`
      : html`<img src="${source}" alt="${words}" width="80" height="80" loading="lazy">`
  }<figcaption>${value === undefined ? name.split("/").at(-1)! : value.text}</figcaption></figure>`;
}
