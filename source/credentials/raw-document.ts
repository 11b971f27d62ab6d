/** Text of another program that holds a login among other things: read whole, and replaced only as it was read. */
export type RawDocument = {
  /** What a person is told it is. */
  name: string;
  /** null when there is none. Rejects with `store_unavailable`. */
  read(): Promise<string | null>;
  /** Puts `after` in the place of `before`; false, and nothing done, when something else stands there by now. */
  replace(before: string, after: string): Promise<boolean>;
};
