import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMessageRequest } from '../../source/demo/parse-request.ts';

const good = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
const parse = (body: unknown, countOnly = false) => parseMessageRequest(JSON.stringify(body), countOnly);

describe('parseMessageRequest', () => {
  test('puts tools, system and messages in the order of the cache, strings as text blocks', () => {
    expect(parse({ ...good, system: 's', tools: [{ name: 't' }], stream: true })).toEqual({
      model: 'm',
      maxTokens: 9,
      stream: true,
      thinking: false,
      forcedTool: null,
      blocks: [
        { role: 'tools', name: 't' },
        { role: 'system', type: 'text', text: 's' },
        { role: 'user', type: 'text', text: 'hi' },
      ],
    });
  });

  test.each([
    [{ type: 'enabled', budget_tokens: 1 }, true],
    [{ type: 'adaptive' }, true],
    [{ type: 'disabled' }, false],
    [undefined, false],
  ])('thinking %j is %s', (thinking, wanted) => {
    expect(parse({ ...good, thinking })).toMatchObject({ thinking: wanted });
  });

  test.each([
    [{ type: 'tool', name: 'b' }, 'b'],
    [{ type: 'any' }, 'a'],
    [{ type: 'auto' }, null],
    [{ type: 'tool', name: 'nope' }, null],
    [undefined, null],
  ])('tool_choice %j forces %s', (tool_choice, name) => {
    const request = parse({ ...good, tools: [{ name: 'a' }, { name: 'b' }], tool_choice });
    expect(typeof request === 'string' ? request : (request.forcedTool?.name ?? null)).toBe(name);
  });

  test.each([
    [{ ...good, model: undefined }, 'model: Field required'],
    [{ ...good, max_tokens: 0 }, 'max_tokens: Field required'],
    [{ ...good, messages: [] }, 'messages: Field required'],
    [
      { ...good, messages: [{ role: 'user', content: 'x' }, { role: 'user' }] },
      'messages.1.content: Field required',
    ],
    [[], 'The request body is not an object'],
  ])('refuses %j', (body, sentence) => {
    expect(parse(body)).toBe(sentence);
  });

  test('counting tokens needs no max_tokens', () => {
    const { max_tokens: _, ...body } = good;
    expect(parse(body)).toBe('max_tokens: Field required');
    expect(typeof parse(body, true)).toBe('object');
  });

  test('never throws, whatever the body', () => {
    const parts = fc.record(
      {
        model: fc.anything(),
        max_tokens: fc.anything(),
        messages: fc.oneof(fc.anything(), fc.array(fc.anything())),
        system: fc.anything(),
        tools: fc.anything(),
        tool_choice: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          parts.map((body) => JSON.stringify(body)),
        ),
        (text) => {
          expect(['string', 'object']).toContain(typeof parseMessageRequest(text, false));
        },
      ),
    );
  });

  test('an object where a word belongs is no word, even one that cannot be turned into text', () => {
    const odd = { toString: 1, valueOf: 1 };
    const body = { max_tokens: 1, tools: [{ name: odd }], tool_choice: { type: 'any' } };
    const read = parse({ ...body, model: 'm', messages: [{ role: odd, content: 'a' }] });
    expect(read).toMatchObject({ forcedTool: { name: '' } });
    expect(parse({ ...body, model: odd, messages: [] })).toBe('model: Field required');
  });
});
