import { parseAge } from '../shared/duration.ts';
import { CcrError } from '../shared/errors.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { DurationMs } from '../shared/types.ts';
import type { GivenOptions } from './parse-command-line.ts';

/** An option that is a length of time; null when it was not given. Throws `usage`. */
export const ageOption = (options: GivenOptions, name: string): DurationMs | null => {
  const text = options[name];
  if (typeof text !== 'string') return null;
  const age = parseAge(text);
  if (age !== null) return age;
  throw new CcrError('usage', `--${name}: wanted a length of time, got ${sanitize(text, 24)}`, {
    hint: 'write it as 90s, 30m, 24h, 7d or 2w',
  });
};
