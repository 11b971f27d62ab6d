import * as fc from 'fast-check';
import { describe as suite, expect, test } from 'vitest';
import { agentOf, describe, isFromClaudeCode } from '../../source/proxy/describe.ts';
import { numRuns } from '../kit/long-run.ts';
import { anyPlaces, captured, cutAt, oneByOne } from './byte-samples.ts';

const ofBody = (body: unknown, headers: Record<string, string> = {}) =>
  describe(headers, [Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))]);

const uuid = 'ea1afca0-1fb2-4421-82c2-ce358fa1837a';

suite('who asks', () => {
  test.each([
    ['claude-cli/2.1.330 (external, cli)', 'claude-code'],
    ['claude-code/2.1.330', 'claude-code'],
    ['Anthropic/JS 1.12.0', 'anthropic-sdk'],
    ['AsyncAnthropic/Python 0.90.0', 'anthropic-sdk'],
    ['OpenAI/JS 7.57.0', 'openai-sdk'],
    ['curl/8.5.0', 'other'],
    ['not claude-cli/1', 'other'],
    ['', 'other'],
    [undefined, 'other'],
  ])('%s is %s', (userAgent, agent) => expect(agentOf(userAgent)).toBe(agent));
});

suite('captured requests', () => {
  const subagentOf = '5dcab01d-9c14-4b81-a6f4-1a4f7bc1b0f0';
  const [opus, sonnet] = ['claude-opus-5-5', 'claude-sonnet-5'];
  const none = { session: null, conversation: null };
  const code = { agent: 'claude-code', model: opus, stream: true };

  test.each([
    ['cc-messages-authtoken', { ...code, session: uuid, conversation: `${uuid}/` }],
    [
      'cc-messages-subagent',
      { ...code, session: subagentOf, conversation: `${subagentOf}/a1b384175aa7f975b` },
    ],
    ['cc-models-discovery', { ...none, agent: 'claude-code', model: null, stream: false }],
    ['openai-chat-stream', { ...none, agent: 'openai-sdk', model: sonnet, stream: true }],
    ['sdk-messages-stream', { ...none, agent: 'anthropic-sdk', model: sonnet, stream: true }],
  ])('%s', (name, expected) => {
    const { headers, body } = captured(name);
    expect(describe(headers, [body])).toEqual(expected);
    expect(describe(headers, oneByOne(body))).toEqual(expected);
  });

  test('without its session header, Claude Code is known by the session in its metadata', () => {
    const { headers, body } = captured('cc-messages-authtoken');
    const { 'x-claude-code-session-id': session, ...others } = headers;
    expect(session).toBe(uuid);
    expect(describe(others, [body])).toEqual(describe(headers, [body]));
  });
});

suite('the conversation', () => {
  test('is the session and, apart from it, each of its agents', () => {
    const main = ofBody({}, { 'x-claude-code-session-id': 's' });
    const agent = ofBody({}, { 'x-claude-code-session-id': 's', 'x-claude-code-agent-id': 'a1' });
    const other = ofBody({}, { 'x-claude-code-session-id': 's', 'x-claude-code-agent-id': 'a2' });
    expect(new Set([main, agent, other].map(({ conversation }) => conversation)).size).toBe(3);
    expect([main, agent, other].map(({ session }) => session)).toEqual(['s', 's', 's']);
  });

  test('the header comes before the metadata; an empty one counts as none', () => {
    const body = { metadata: { user_id: JSON.stringify({ session_id: 'from-metadata' }) } };
    expect(ofBody(body, { 'x-claude-code-session-id': 'from-header' }).session).toBe('from-header');
    expect(ofBody(body, { 'x-claude-code-session-id': '' }).session).toBe('from-metadata');
  });

  test('without a session is what it opens with, where it is a turn of one: the same in small and long bodies', () => {
    const talk = (...contents: string[]) => ({
      model: 'm',
      messages: contents.map((content) => ({ role: 'user', content })),
      system: 'help',
      tools: [{ name: 'read' }],
    });
    const turn = (body: object, headers: Record<string, string> = {}) =>
      describe(headers, [Buffer.from(JSON.stringify(body))], true);
    const first = turn(talk('one'));
    expect(first).toMatchObject({ session: null, conversation: expect.stringMatching(/^#/) });
    const long = Buffer.from(JSON.stringify({ ...talk('one', 'x'.repeat(10_000)), stream: true }));
    for (const pieces of [[long], oneByOne(long)]) {
      expect(describe({}, pieces, true)).toEqual({ ...first, stream: true });
    }
    expect(turn(talk('two')).conversation).not.toBe(first.conversation);
    expect(turn(talk('one'), { 'x-claude-code-session-id': 's' }).conversation).toBe('s/');
    const metadata = { user_id: JSON.stringify({ session_id: 't' }) };
    expect(turn({ ...talk('one', 'x'.repeat(10_000)), metadata }).conversation).toBe('t/');
    expect(ofBody(talk('one')).conversation).toBeNull();
  });

  test.each([
    ['a JSON text', JSON.stringify({ device_id: 'd', account_uuid: '', session_id: uuid }), uuid],
    ['the old form', `user_${'0'.repeat(64)}_account_${uuid}_session_${uuid}`, uuid],
    ['the old form without an account', `user_${'0'.repeat(64)}_account__session_${uuid}`, uuid],
    ['somebody’s own user id', 'user-4711', null],
    ['a JSON text without a session', '{"device_id":"d"}', null],
    ['a session that is no text', '{"session_id":7}', null],
    ['JSON null', 'null', null],
    ['a JSON number', '5', null],
    ['no text', 42, null],
  ])('metadata.user_id as %s', (_, user_id, session) => {
    expect(ofBody({ metadata: { user_id } })).toMatchObject({
      session,
      conversation: session && `${session}/`,
    });
  });

  test('names from outside are bounded', () => {
    const long = 'x'.repeat(5000);
    const { session, model, conversation } = ofBody(
      { model: long },
      {
        'x-claude-code-session-id': long,
        'x-claude-code-agent-id': long,
      },
    );
    expect([session?.length, model?.length]).toEqual([200, 200]);
    expect(conversation?.length).toBeLessThan(500);
  });
});

suite('model and stream', () => {
  test.each([
    ['first and last', '{"model":"m","messages":[],"stream":true}', 'm', true],
    ['stream first', '{"stream":true,"model":"m"}', 'm', true],
    ['not streamed', '{"model":"m","stream":false}', 'm', false],
    ['with space', '{ "model" : "m" , "stream" : true }\n', 'm', true],
    ['stream as a text', '{"model":"m","stream":"true"}', 'm', false],
    ['model as a number', '{"model":7}', null, false],
    ['only inside', '{"metadata":{"model":"x","stream":true}}', null, false],
    ['only inside, at the end', '{"model":"m","a":[{"stream":true}]}', 'm', false],
    ['only in a text', '{"model":"m","a":",\\"stream\\":true}"}', 'm', false],
    ['only in a text that ends so', '{"model":"m","a":"{\\"stream\\":true}"}', 'm', false],
    ['of no object', '[{"model":"m","stream":true}]', null, false],
    ['of nothing', '', null, false],
    ['of something else', 'hello', null, false],
  ])('%s', (_, body, model, stream) => expect(ofBody(body)).toMatchObject({ model, stream }));

  test('are those of the parsed body, in whatever pieces it came', () => {
    const body = fc.record(
      {
        stream: fc.constantFrom(true, false, 'true', 1),
        model: fc.oneof(fc.string(), fc.integer()),
        messages: fc.jsonValue(),
        metadata: fc.record({ stream: fc.boolean(), model: fc.string() }),
        ',"stream":true}': fc.string(),
        system: fc.constantFrom(',"stream":true}', '{"stream":true}', '\\"stream\\":true}'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        body,
        fc.boolean(),
        fc.constantFrom(undefined, 2),
        anyPlaces,
        (value, last, space, places) => {
          const { stream, ...rest } = value;
          const bytes = Buffer.from(JSON.stringify(last ? { ...rest, stream } : value, null, space));
          const described = describe({}, cutAt(bytes, places));
          expect(described.stream).toBe(stream === true);
          expect(described.model).toBe(
            typeof value.model === 'string' && value.model !== '' ? value.model : null,
          );
        },
      ),
      { numRuns },
    );
  });

  test('any bytes are described without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.dictionary(fc.string(), fc.string()), (chunks, headers) => {
        const described = describe(
          headers,
          chunks.map((chunk) => Buffer.from(chunk)),
        );
        expect(Object.keys(described).sort()).toEqual([
          'agent',
          'conversation',
          'model',
          'session',
          'stream',
        ]);
      }),
      { numRuns },
    );
  });
});

test.each([
  ['claude-cli/2.1.330 (external, cli)', true, true],
  ['claude-cli/2.1.330 (external, sdk-cli)', true, true],
  ['claude-code/2.1.330', true, true],
  ['claude-cli/2.1.330 (external, sdk-ts, agent-sdk/0.3.330)', false, true],
  ['Claude-CLI/2.1.330', false, false],
  ['my-claude-cli/2', false, false],
  ['Anthropic/JS 1.12.0', false, false],
  ['agent-sdk/0.3.330', false, false],
  ['', false, false],
  [undefined, false, false],
])('%s is Claude Code itself: %s; where the Agent SDK counts: %s', (userAgent, alone, withSdk) => {
  expect(isFromClaudeCode(userAgent, false)).toBe(alone);
  expect(isFromClaudeCode(userAgent, true)).toBe(withSdk);
});
