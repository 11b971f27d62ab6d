// Why a request went to one account and to none of the others.

/** `verdict`: a word that scripts rely on, then a sentence; its times are exact (ISO 8601, UTC). */
export type Considered = { account: string; verdict: string };

export type Decision = {
  strategy: string;
  /**
   * `warm`: the conversation stayed; `moved`: it had to leave its account; `cold`: no cache held it any more, and it was
   * placed anew; `new`: first seen; null: it is no turn of a conversation, or the strategy keeps none.
   */
  affinity: 'warm' | 'moved' | 'cold' | 'new' | null;
  /** Every account, in the order of the settings. */
  readonly considered: readonly Considered[];
  /**
   * About how many tokens a cache had to be given again if the conversation left the one that holds them, or when it has;
   * null, or absent, when no cache holds it, or nobody knows.
   */
  rewriteTokens?: number | null;
  /** What that costs by the list prices; null, or absent, when that is not known. */
  rewriteCostUsd?: number | null;
};
