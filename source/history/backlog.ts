/** What waits to be taken on, oldest first. Beyond its limit the oldest items are lost, and counted. */
export type Backlog<Item> = {
  add(items: readonly Item[]): void;
  /** The oldest items, at most `count`; they stay until they are dropped. */
  oldest(count: number): Item[];
  /** Takes the oldest `count` items out: they have been dealt with. */
  drop(count: number): void;
  size(): number;
  /** How many items were lost so far. */
  lost(): number;
};

/** An empty backlog of at most `limit` items. No call takes longer because much waits. */
export const createBacklog = <Item>(limit: number): Backlog<Item> => {
  const items: Item[] = [];
  // What was taken out stays before `first` until it is half of all: moving the rest up for each item would make
  // every request pay for a history that hangs.
  let first = 0;
  let lost = 0;
  const size = (): number => items.length - first;
  const drop = (count: number): void => {
    first = Math.min(items.length, first + count);
    if (first * 2 < items.length) return;
    items.splice(0, first);
    first = 0;
  };
  return {
    add(more) {
      for (const item of more) items.push(item);
      const surplus = Math.max(0, size() - limit);
      lost += surplus;
      drop(surplus);
    },
    oldest: (count) => items.slice(first, first + count),
    drop,
    size,
    lost: () => lost,
  };
};
