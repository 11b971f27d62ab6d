import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageEvents, messageJson, sseEvent, type Message } from '../../source/demo/message-events.ts';
import { replyOf, type Block } from '../../source/demo/replies.ts';

type Data = Record<string, unknown> & { type: string };
const read = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
// Lines end with LF alone: a regular expression would also break them at U+2028, which JSON may contain as it is.
const dataOf = (stream: string): Data[] =>
  stream
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as Data);

/** Names of all properties, at every depth, and the type words: the shape without the values. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'type' ? inner : shape(inner)]),
  );
};
/** Repeated deltas of one kind count once: how a text is cut into pieces is not part of the shape. */
const shapes = (events: readonly Data[]): string[] => {
  const all = events.map((event) => JSON.stringify(shape(event)));
  return all.filter((each, index) => each !== all[index - 1]);
};

const message = (blocks: readonly Block[]): Message => ({
  id: 'msg_01x',
  model: 'claude-opus-5-5',
  reply: replyOf(blocks),
  prompt: { input: 1, cacheRead: 0, cacheWrite5m: 125, cacheWrite1h: 0 },
});
const text: Block = { type: 'text', text: 'Hello from the fixture.' };

describe('the stream has the shape that Claude Code and the SDK accepted', () => {
  test.each<[string, Block[]]>([
    ['sse-text.sse', [text]],
    [
      'sse-tool-use.sse',
      [text, { type: 'tool_use', id: 'toolu_01x', name: 'Bash', input: { command: 'echo hi' } }],
    ],
  ])('%s', (name, blocks) => {
    expect(shapes(dataOf(messageEvents(message(blocks)).join('')))).toEqual(shapes(dataOf(read(name))));
  });

  test('sse-thinking.sse, apart from where the ping stands', () => {
    const blocks: Block[] = [{ type: 'thinking', thinking: 'Considering.', signature: 'c2ln' }, text];
    const withoutPing = (events: Data[]): Data[] => events.filter(({ type }) => type !== 'ping');
    const own = withoutPing(dataOf(messageEvents(message(blocks)).join('')));
    expect(shapes(own)).toEqual(shapes(withoutPing(dataOf(read('sse-thinking.sse')))));
  });

  test('and the JSON answer too', () => {
    const { body } = JSON.parse(read('messages-nonstream.json')) as { body: unknown };
    expect(shape(messageJson(message([text])))).toEqual(shape(body));
  });
});

test('an event is framed by its name, its data on one line, and a blank line', () => {
  expect(sseEvent({ type: 'ping', text: 'a\nb' })).toBe(
    'event: ping\ndata: {"type":"ping","text":"a\\nb"}\n\n',
  );
});

test('the deltas put together are the text, no character is cut, and the final usage is the whole', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 30 }),
      (words, length) => {
        const events = dataOf(messageEvents(message([{ type: 'text', text: words }]), length).join(''));
        const parts = events.flatMap(({ delta }) => {
          const { text } = (delta ?? {}) as { text?: string };
          return text === undefined ? [] : [text];
        });
        expect(parts.join('')).toBe(words);
        for (const part of parts) expect(part.isWellFormed()).toBe(true);
        const usage = events.at(-2)?.usage as { output_tokens: number };
        expect(usage.output_tokens).toBe(replyOf([{ type: 'text', text: words }]).outputTokens);
      },
    ),
  );
});
