/** What a person wants to hear of who does not look at the screen. */
export const notices = ['limit_reached', 'account_back', 'pool_dry', 'needs_login', 'budget'] as const;
export type NoticeName = (typeof notices)[number];
