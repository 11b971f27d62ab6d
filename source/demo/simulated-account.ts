import { createHash } from 'node:crypto';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { limitHeaders, refusalHeaders, type HeaderList } from './limit-headers.ts';
import { openWindows, type Limits } from './limits.ts';
import type { MessageRequest } from './parse-request.ts';
import { chargePrompt, type PrefixCache, type PromptTokens } from './prompt-cache.ts';
import { spend, windowsAt, type Usage, type WindowTruth } from './quota.ts';

export type UpstreamAccount = {
  name: string;
  /** What `authorization: Bearer` or `x-api-key` must carry. */
  key: string;
  limits: Limits;
};

/** What an account really is at one moment: what a client has to find out from headers. */
export type AccountTruth = {
  windows: readonly WindowTruth[];
  /** The windows as an answer last told them; null before the first one. */
  told: readonly WindowTruth[] | null;
  /** Requests of /v1/messages that were served (not refused). */
  served: number;
  /** Refused because a window was spent. */
  refused: number;
  /** Tokens of everything that was served. */
  usage: Usage;
};

const organizationOf = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** One account of the simulated provider: its windows, its prompt cache, its counters. */
export const createAccount = ({ name, limits }: UpstreamAccount, start: EpochMs) => {
  const { windows, spent: opened } = openWindows(limits, start);
  const cache: PrefixCache = new Map();
  const usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  let spent = opened;
  let served = 0;
  let refused = 0;
  let told: readonly WindowTruth[] | null = null;
  const { overage: beyond } = limits;
  const overage =
    beyond === undefined ? null : { utilization: beyond.used, resetsAt: asEpoch(start + beyond.resetsInMs) };

  const count = (now: EpochMs, model: string, used: Usage, requests: number): void => {
    spent = spend(windows, spent, { now, model, usage: used, requests });
    for (const key of Object.keys(usage) as (keyof Usage)[]) usage[key] += used[key];
  };

  const refusal = (model: string, now: EpochMs): HeaderList | null =>
    overage === null ? refusalHeaders(limits.kind, windowsAt(windows, spent, now, model), now) : null;

  return {
    name,
    organization: organizationOf(name),
    /** The headers of the 429 when a window for this model is spent now; null when the request may run. */
    refuse(model: string, now: EpochMs): HeaderList | null {
      const standing = windowsAt(windows, spent, now, model);
      const headers = refusal(model, now);
      if (headers === null) return null;
      refused += 1;
      told = standing;
      return headers;
    },
    /** Whether a request of this model would be refused now. */
    isSpent: (model: string, now: EpochMs): boolean => refusal(model, now) !== null,
    /** Takes a request in: its prompt is charged now, its output when it has been made. */
    charge(request: MessageRequest, now: EpochMs): PromptTokens {
      served += 1;
      const prompt = chargePrompt(cache, request, now);
      count(now, request.model, { ...prompt, output: 0 }, 1);
      return prompt;
    },
    chargeOutput(model: string, output: number, now: EpochMs): void {
      count(now, model, { input: 0, output, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }, 0);
    },
    limitHeaders(model: string, now: EpochMs): HeaderList {
      told = windowsAt(windows, spent, now, model);
      return limitHeaders(limits.kind, told, overage);
    },
    /** What may be paid for beyond the plan; null = nothing. */
    overage,
    truth: (now: EpochMs): AccountTruth => ({
      windows: windowsAt(windows, spent, now),
      told,
      served,
      refused,
      usage: { ...usage },
    }),
  };
};

export type SimulatedAccount = ReturnType<typeof createAccount>;
