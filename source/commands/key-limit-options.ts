import type { Check } from '../config/checks.ts';
import { limitChecks } from '../config/client-key-record.ts';
import { unlimited, type KeyLimits } from '../shared/client-key.ts';
import { CcrError } from '../shared/errors.ts';
import { asEpoch, type EpochMs } from '../shared/types.ts';
import { ageOption } from './age-option.ts';
import type { GivenOptions } from './parse-command-line.ts';

const fields: Readonly<Record<string, Exclude<keyof typeof limitChecks, 'holdMs'>>> = {
  'requests-per-minute': 'requestsPerMinute',
  concurrent: 'concurrent',
  'daily-usd': 'dailyUsd',
  'daily-tokens': 'dailyTokens',
  models: 'models',
  accounts: 'accounts',
};

/** The limits that a command line asks for. Throws `usage` for one that makes no sense. */
export const limitOptions = (options: GivenOptions, now: EpochMs): KeyLimits => {
  const limits: Record<string, unknown> = { ...unlimited };
  for (const [option, field] of Object.entries(fields)) {
    const text = options[option];
    if (typeof text !== 'string') continue;
    const check: Check<unknown> = limitChecks[field];
    const checked = check.parse(check.fromText(text));
    if (!checked.ok) throw new CcrError('usage', `--${option}: ${checked.what}`, { hint: checked.fix });
    limits[field] = checked.value;
  }
  const holdMs = ageOption(options, 'hold');
  const held = holdMs === null ? null : limitChecks.holdMs.parse(holdMs);
  if (held?.ok === false) throw new CcrError('usage', '--hold: longer than 4m', { hint: 'use 30s, 4m' });
  const age = ageOption(options, 'expires');
  if (age === 0)
    throw new CcrError('usage', '--expires: the key would open nothing', { hint: 'use 12h, 30d' });
  return { ...(limits as KeyLimits), holdMs, expiresAt: age === null ? null : asEpoch(now + age) };
};
