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

/** An empty backlog of at most `limit` items. */
export const createBacklog = <Item>(limit: number): Backlog<Item> => {
  const items: Item[] = [];
  let lost = 0;
  return {
    add(more) {
      for (const item of more) items.push(item);
      const surplus = Math.max(0, items.length - limit);
      lost += surplus;
      items.splice(0, surplus);
    },
    oldest: (count) => items.slice(0, count),
    drop: (count) => void items.splice(0, count),
    size: () => items.length,
    lost: () => lost,
  };
};
