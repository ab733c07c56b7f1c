/** Names that a note lists of those that are not read. */
const mostNames = 3;

/** The note on tensors of a file that are no part of its network; none where there are none. */
export function unreadNote(outside: readonly string[]): string[] {
  if (outside.length === 0) return [];
  const names = outside.slice(0, mostNames).map((name) => JSON.stringify(name.slice(0, 60)));
  const more = outside.length > mostNames ? ", …" : "";
  return [`tensors of the file that were not read: ${outside.length}, ${names.join(", ")}${more}`];
}
