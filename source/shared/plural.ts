/** A count with its word: `1 account`, `2 accounts`; `many` where that is not `one` with an s. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
