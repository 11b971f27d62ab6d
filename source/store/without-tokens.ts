import { maskTokens } from '../shared/mask-tokens.ts';

/**
 * Plain data with everything in it that looks like a credential replaced by `[secret]`, for what leaves the program.
 * None is ever kept of a request; what a client put where a name belongs could be one all the same.
 */
export const withoutTokens = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? maskTokens(part) : part,
  ) as Value;
