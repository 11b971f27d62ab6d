import { remapKeys } from '../shared/remap-keys.ts';
import { sanitize } from '../shared/sanitize.ts';
import { shown, wrong, type Check, type Problem } from './checks.ts';

const mostLines = 100;

/** Keys of the screen as a setting says them: `ACTION KEY…`; see `remapKeys`. Names everything that is wrong. */
export const keyLines: Check<readonly string[]> = {
  parse: (value) => {
    if (!Array.isArray(value)) return wrong(`${shown(value)} is not a list`, 'use a list of texts');
    if (value.length > mostLines) return wrong(`has ${value.length} entries`, `use at most ${mostLines}`);
    const lines = value.filter((each): each is string => typeof each === 'string' && each.length <= 200);
    if (lines.length < value.length) return wrong('holds what is no short text', 'use ACTION KEY…');
    const [first, ...also] = remapKeys(lines).problems.map(({ index, what, fix }): Problem => {
      return { at: `[${index}]`, what: sanitize(what, 120), fix };
    });
    return first === undefined ? { ok: true, value: lines } : { ok: false, ...first, also };
  },
  fromText: (text) => (text.trim() === '' ? [] : text.split(',').map((part) => part.trim())),
};
