/** The title that follows in the catalogue; after the last one the first, never itself. */
export function following<Item extends { id: string }>(items: readonly Item[], titleId: string): Item | null {
  const next = items[(items.findIndex((one) => one.id === titleId) + 1) % items.length];
  return next && next.id !== titleId ? next : null;
}
