import { parseBudget } from '../shared/budget.ts';
import { parseBaseUrl } from './base-url.ts';
import { shown, wrong, type Check } from './checks.ts';

/** A budget as a setting says it; see `parseBudget`. */
export const budgetText: Check<string> = {
  parse: (value) => {
    const text = typeof value === 'string' ? value.trim().replaceAll(/\s+/g, ' ') : '';
    if (parseBudget(text) !== null) return { ok: true, value: text };
    return wrong(
      `${shown(value)} is not a budget`,
      'use WHO AMOUNT/PERIOD [soft], such as `all 20usd/day`, `key:ci 500000tokens/week` or `account:work 30%7d/month soft`',
    );
  },
  fromText: (text) => text,
};

/**
 * Where events are told: https, or this machine. Its path and query may be what lets one in, so that no error repeats it.
 */
export const webhookUrl: Check<string> = {
  parse: (value) => {
    const url = typeof value === 'string' && value.length <= 2048 ? URL.parse(value.trim()) : null;
    // Its query is its own affair; the rest is held to the rules of base URLs, as it was written.
    const checked = parseBaseUrl('openai', url === null ? value : String(value).replace(/[?#].*$/s, ''));
    if (!checked.ok) return checked;
    if (url === null || `${url.username}${url.password}` !== '') {
      return wrong('holds a user name or password', 'give a URL without them');
    }
    if (url.hash !== '') return wrong('has a fragment', 'leave out everything from # on');
    return { ok: true, value: String(value).trim() };
  },
  fromText: (text) => text,
};
