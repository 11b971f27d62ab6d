import { expect, test } from 'vitest';
import { knownClients } from '../../source/clients/known-clients.ts';
import { Secret } from '../../source/shared/secret.ts';

const wish = { origin: 'http://127.0.0.1:4180', token: new Secret('ccr_k') };

test.each(Object.entries(knownClients))(
  '%s: an empty file is filled, read again and emptied',
  async (_, known) => {
    const edit = await known.load();
    const edited = edit.write('', wish);
    if (!edited.ok) throw new Error(edited.problem);
    const reading = edit.read(edited.text);
    expect(reading).toEqual({ ok: true, slots: edit.wished(wish) });
    expect(edit.tokenIn(edit.wished(wish))?.reveal()).toBe('ccr_k');
    expect(edit.mask(edited.text, '[key]')).not.toContain('ccr_k');
    expect(edit.saysNothing(edited.text)).toBe(false);
    const names = [...edit.wished(wish).keys()];
    expect(edit.saysNothing(edit.restore(edited.text, '', names))).toBe(true);
  },
);
