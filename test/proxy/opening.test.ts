import { describe, expect, test } from 'vitest';
import { openingOf } from '../../source/proxy/opening.ts';

const cache_control = { type: 'ephemeral' };
const tools = [{ name: 'read', input_schema: { type: 'object' } }];
const system = 'You help.';
const hello = { role: 'user', content: 'Hello' };
const opening = (changes: object = {}): string | null =>
  openingOf({ system, tools, messages: [hello], ...changes });

describe('what a conversation opens with', () => {
  test('is the same in every turn', () => {
    const later = [hello, { role: 'assistant', content: 'Hi' }, { role: 'user', content: 'And now?' }];
    expect(opening({ messages: later })).toBe(opening());
    expect(opening()).toMatch(/^#[0-9a-f]{40}$/);
  });

  test.each([
    ['the system prompt', { system: 'You do not help.' }],
    ['the tools', { tools: [...tools, { name: 'write' }] }],
    ['no tools', { tools: undefined }],
    ['the first message', { messages: [{ role: 'user', content: 'hello' }] }],
    ['who says it', { messages: [{ role: 'system', content: 'Hello' }] }],
  ])('is another with another: %s', (_, changes) => expect(opening(changes)).not.toBe(opening()));

  test('does not change when a mark of the cache comes or goes, wherever it stands', () => {
    const text = { type: 'text', text: 'Hello' };
    for (const block of [text, { ...text, cache_control }, { cache_control, ...text }]) {
      expect(opening({ messages: [{ role: 'user', content: [block] }] })).toBe(opening());
    }
    expect(opening({ system: [{ type: 'text', text: system, cache_control }] })).toBe(opening());
    expect(opening({ tools: [{ ...tools[0], cache_control: { ...cache_control, ttl: '1h' } }] })).toBe(
      opening(),
    );
  });

  test('does change with a text that only speaks of such a mark', () => {
    const said = (content: string) => opening({ messages: [{ role: 'user', content }] });
    expect(said('a,"cache_control":{"type":"ephemeral"}')).not.toBe(said('a'));
  });

  test.each([
    ['none', undefined],
    ['an empty list', []],
    ['no list', { 0: hello }],
    ['a text', 'Hello'],
    ['a message that is none', ['Hello']],
    ['null', [null]],
  ])('is nothing without a message: %s', (_, messages) => expect(opening({ messages })).toBeNull());

  test('is asked of what is nested too deep for some versions of Node to write, and nothing breaks', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(() => opening({ messages: [{ role: 'user', content: deep }] })).not.toThrow();
  });
});

describe('what a conversation of texts alone opens with', () => {
  const text = { type: 'text', text: 'Hello' };
  const plain = (changes: object = {}): string | null => opening({ tools: undefined, ...changes });
  const asks = (content: unknown) => plain({ messages: [{ role: 'user', content }] });

  test.each([
    ['a text', 'Hello'],
    ['a block', [text]],
    ['a block with a mark', [{ ...text, cache_control }]],
  ])('is the same as %s', (_, content) => {
    expect(asks(content)).toBe(plain());
    expect(plain({ system: [{ type: 'text', text: system, cache_control }] })).toBe(plain());
  });

  test.each([
    ['system prompt', { system: 'Hello' }],
    ['no system prompt', { system: undefined }],
    ['message', { messages: [{ role: 'user', content: 'Hello!' }] }],
    ['role', { messages: [{ role: 'assistant', content: 'Hello' }] }],
    ['tools', { tools }],
    ['two blocks', { messages: [{ role: 'user', content: [text, text] }] }],
    [
      'a block with more than its text',
      { messages: [{ role: 'user', content: [{ ...text, citations: [] }] }] },
    ],
    [
      'a block of another kind',
      { messages: [{ role: 'user', content: [{ type: 'image', text: 'Hello' }] }] },
    ],
  ])('is another with another %s', (_, changes) => {
    expect(plain(changes)).toMatch(/^#[0-9a-f]{40}$/);
    expect(plain(changes)).not.toBe(plain());
  });

  test('keeps prompt and message apart', () => {
    const hi = [{ role: 'user', content: 'b' }];
    expect(plain({ system: 'a', messages: hi })).not.toBe(
      plain({ system: '', messages: [{ role: 'user', content: 'ab' }] }),
    );
  });
});
