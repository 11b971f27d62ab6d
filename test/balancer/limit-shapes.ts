import type { Headers } from '../../source/balancer/limits.ts';
import { fixture, later } from './sample.ts';

const plan = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`anthropic-ratelimit-unified-${name}`, value]),
  );
const open = plan({ '5h-status': 'allowed', '5h-reset': '1795330800', '5h-utilization': '0.0' });
const spentFive = { kind: 'limited', until: 1_795_330_800_000, window: '5h', scope: null };
const emptyBucket = (name: string) => ({
  [`anthropic-ratelimit-${name}-limit`]: '50',
  [`anthropic-ratelimit-${name}-remaining`]: '0',
  [`anthropic-ratelimit-${name}-reset`]: '2026-11-22T04:00:30Z',
});
const forwarded = { kind: 'forwarded' };
const refused = { kind: 'refused' };

/** Every shape of limit data that providers were seen to send, or are said to. */
export const shapes: [what: string, status: number, headers: Headers, verdict: object][] = [
  ['allowed, on a 200', 200, fixture('unified-allowed').headers, forwarded],
  ['a warning, on a 200', 200, fixture('unified-warning').headers, forwarded],
  ['rejected, on a 200 from overage', 200, fixture('unified-200-but-rejected-overage').headers, forwarded],
  ['a credit pool without windows', 200, fixture('unified-overage-only').headers, forwarded],
  ['buckets of a key, on a 200', 200, fixture('classic-apikey').headers, forwarded],
  // A window is spent: until its own reset.
  ['5h rejected, with x-should-retry true', 429, fixture('unified-rejected-5h').headers, spentFive],
  [
    '7d rejected',
    429,
    fixture('unified-rejected-7d').headers,
    { kind: 'limited', until: 1_795_737_600_000, window: '7d', scope: null },
  ],
  [
    '7d_oi rejected, 5h at nothing, 7d with a warning',
    429,
    {
      ...open,
      ...plan({ '7d-status': 'allowed_warning', '7d-reset': '1795737600', '7d-utilization': '0.94' }),
      ...plan({ '7d_oi-status': 'rejected', '7d_oi-reset': '1795737600', '7d_oi-utilization': '1.0' }),
      ...plan({ status: 'rejected', reset: '1795330800' }),
      'retry-after': '51811',
    },
    { kind: 'limited', until: 1_795_737_600_000, window: '7d_oi', scope: 'fable' },
  ],
  [
    '5h passed one by its figure alone, with a fallback offered',
    429,
    {
      ...plan({ '5h-reset': '1795330800', '5h-utilization': '1.08', 'fallback-percentage': '0.5' }),
      'retry-after': '13262',
    },
    spentFive,
  ],
  [
    '5h rejected, no reset of the whole, x-should-retry true',
    429,
    {
      ...plan({ '5h-status': 'rejected', '5h-reset': '1795330800', '5h-utilization': '1.01' }),
      'x-should-retry': 'true',
    },
    spentFive,
  ],
  ...['rate_limited', 'blocked', 'queueing_hard', 'payment_required'].map((word): (typeof shapes)[number] => [
    `5h ${word}`,
    429,
    plan({ '5h-status': word, '5h-reset': '1795330800' }),
    spentFive,
  ]),
  [
    'a window of a model, rejected without a reset of its own',
    429,
    plan({ '7d_opus-status': 'rejected', status: 'rejected', reset: '1795737600' }),
    { kind: 'limited', until: 1_795_737_600_000, window: '7d_opus', scope: 'opus' },
  ],
  [
    'a window that is rejected until nobody knows when',
    429,
    plan({ '5h-status': 'rejected', '5h-utilization': '1.01' }),
    { kind: 'limited', until: later(60_000), window: '5h', scope: null },
  ],
  [
    'the same, with a short retry-after',
    429,
    { ...plan({ '5h-status': 'rejected' }), 'retry-after': '20' },
    { kind: 'limited', until: later(20_000), window: '5h', scope: null },
  ],
  ...(
    [
      ['five_hour', '5h', null],
      ['seven_day', '7d', null],
      ['seven_day_opus', '7d_opus', 'opus'],
      ['seven_day_sonnet', '7d_sonnet', 'sonnet'],
      ['seven_day_overage_included', '7d_oi', 'fable'],
    ] as const
  ).map(([claim, window, scope]): (typeof shapes)[number] => [
    `no window, and ${claim} named as the one that decided`,
    429,
    plan({ status: 'rejected', reset: '1795330800', 'representative-claim': claim }),
    { kind: 'limited', until: 1_795_330_800_000, window, scope },
  ]),
  [
    'a large retry-after without any window',
    429,
    { 'retry-after': '51811' },
    { kind: 'limited', until: later(51_811_000), window: null, scope: null },
  ],
  [
    'overage in use that has run out, too',
    429,
    { ...fixture('unified-200-but-rejected-overage').headers, ...plan({ 'overage-status': 'rejected' }) },
    { kind: 'limited', until: 1_795_737_600_000, window: '7d', scope: null },
  ],
  [
    'credits that ran out beyond a spent window',
    429,
    { ...fixture('unified-rejected-5h').headers, ...plan({ 'overage-disabled-reason': 'out_of_credits' }) },
    spentFive,
  ],
  // Pace: the same account, soon.
  ...['requests', 'tokens', 'input-tokens', 'output-tokens', 'priority-input-tokens', 'fast-requests'].map(
    (name): (typeof shapes)[number] => [
      `the bucket of ${name} is empty`,
      429,
      { ...emptyBucket(name), 'retry-after': '7' },
      { kind: 'pacing', until: later(7000) },
    ],
  ),
  [
    'open windows and a short retry-after',
    429,
    { ...open, 'retry-after': '3' },
    { kind: 'pacing', until: later(3000) },
  ],
  ['open windows and no word of when', 429, open, { kind: 'pacing', until: later(1000) }],
  [
    'a status word that nobody knows, and a short retry-after',
    429,
    { ...plan({ '5h-status': 'resting', '5h-reset': '1795330800' }), 'retry-after': '3' },
    { kind: 'pacing', until: later(3000) },
  ],
  ['a short retry-after alone', 429, { 'retry-after': '2' }, { kind: 'pacing', until: later(2000) }],
  [
    'a date not far off',
    429,
    { 'retry-after': 'Sun, 22 Nov 2026 04:00:05 GMT' },
    { kind: 'pacing', until: later(5000) },
  ],
  [
    'x-ratelimit-reset in seconds',
    429,
    { 'x-ratelimit-reset': '30' },
    { kind: 'pacing', until: later(30_000) },
  ],
  [
    'x-ratelimit-reset since 1970',
    429,
    { 'x-ratelimit-reset': '1795330800' },
    { kind: 'limited', until: 1_795_330_800_000, window: null, scope: null },
  ],
  // This request alone.
  ['credits of a model ran out', 429, fixture('unified-rejected-out-of-credits').headers, refused],
  [
    'no credit for this member',
    429,
    plan({ status: 'rejected', 'overage-disabled-reason': 'member_zero_credit_limit' }),
    refused,
  ],
  ['nothing at all', 429, {}, refused],
  ['nothing but a wish to be asked again', 429, { 'x-should-retry': 'true', 'retry-after': '0' }, refused],
  ['rejected, and not a word of what or when', 429, plan({ status: 'rejected' }), refused],
  ['the usage endpoint itself', 429, { 'retry-after': '0' }, refused],
];
