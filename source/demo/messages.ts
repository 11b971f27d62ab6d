// What crosses between the main thread and the demo's own one.

export type ToDemo =
  /** The proxy listens there: begin. */
  | { type: 'begin'; url: string }
  /** Ask nothing new, and let what is under way end at once. */
  | { type: 'finish' };

export type FromDemo =
  | { type: 'listening'; url: string }
  | { type: 'failed'; message: string }
  /** The account of that name has a new token: the one that `demoKey` makes after so many. */
  | { type: 'signed-in'; account: string; renewals: number };
