/** How what an account serves is paid: money per token, or a plan, where the list price is only what it would be worth. */
export type Billing = 'money' | 'list_value';

/** What the requests of one account have come to since the instance started. */
export type AccountCost = {
  /** Its name. */
  account: string;
  billing: Billing;
  /** Sum over the requests whose price is known; null when there was none yet. */
  usd: number | null;
  /** Requests with tokens of which nobody knows the price. */
  unpriced: number;
};
