import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../source/shared/display-width.ts';
import { addedLines, addedSentence, type Added } from '../../../source/ui/overlays/added-lines.ts';
import { keymapOf } from '../../../source/ui/keymap.ts';
import { accountOf } from '../sample.ts';
import { plain } from './dialog-place.ts';

const added: Added = { account: accountOf('work'), store: 'keychain', notice: null };
const vaulted: Added = { ...added, store: 'vault', notice: 'the secret is in the encrypted vault /h/vault' };

describe('after an account was added', () => {
  it('says where its key is, and what comes next', () => {
    expect(addedLines(plain, added, { columns: 80, rows: 20 })).toEqual([
      expect.stringMatching(/^─ Add an account ─+$/),
      '',
      '   ● work is added. Its key is in the OS keychain.',
      '',
      '   c shows what to set in a client, a adds another account.',
    ]);
    const other = keymapOf(['client.connect U', 'account.add']);
    expect(addedLines(plain, added, { columns: 80, rows: 20 }, other).at(-1)).toBe(
      '   U shows what to set in a client.',
    );
    expect(addedSentence(added)).toBe('added work; its key is in the OS keychain');
  });

  it('says what must be known of the place, once', () => {
    const text = addedLines(plain, vaulted, { columns: 80, rows: 20 }).join('\n');
    expect(text).toContain('● work is added.\n\n   The secret is in the encrypted vault /h/vault.');
    expect(text.match(/vault\b/g)).toHaveLength(2);
  });

  it('fits, the next step too', () => {
    for (const rows of [3, 4, 18]) {
      const lines = addedLines(plain, vaulted, { columns: 30, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(30);
      expect(lines.join('\n')).toContain('c: connect a client');
    }
  });
});
