// What became of a request, as decision logs have it.

export type Served = {
  id: number;
  outcome: 'served';
  account: string;
  /** When the attempt went out that was answered with 200. */
  at: number;
  /** The attempts before it, which got a 429. */
  attempts: { account: string; at: number }[];
};
export type Refused = { id: number; outcome: 'refused'; at: number; attempts: Served['attempts'] };
export type Cancelled = { id: number; outcome: 'cancelled' };
export type Outcome = Served | Refused | Cancelled;
