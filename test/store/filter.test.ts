import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asDuration } from '../../source/shared/types.ts';
import { parseFilter } from '../../source/store/filter.ts';
import type { FilterSubject } from '../../source/store/filter-fields.ts';
import type { PricedRequest } from '../../source/store/state.ts';
import { anyRequest } from '../history/rows.ts';
import { numRuns } from '../kit/long-run.ts';
import { pricedSample } from './samples.ts';

const matches = (text: string, request: FilterSubject): boolean => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${parsed.problem.column}: ${parsed.problem.message}`);
  return parsed.filter(request);
};
const problemOf = (text: string): string => {
  const parsed = parseFilter(text);
  return parsed.ok ? 'none' : `${parsed.problem.column}: ${parsed.problem.message}`;
};
const request = (fields: Partial<PricedRequest> = {}): PricedRequest => pricedSample(1, fields);

const first = request().attempts[0]!;
const last = request().attempts[1]!;

// The sample: work, claude-opus-5-5, 200 ok, stream, 6200 ms, 1200 in, 640 out, home refused it by a 5h limit before.
describe('a term', () => {
  test.each([
    ['account:work', 'account:home'],
    ['account:WOR', 'account=wor'],
    ['account!=home', 'account!=work'],
    ['model:opus', 'model:sonnet'],
    ['project:website', 'project:other'],
    ['client:default', 'client:ci'],
    ['session:session-1', 'session:2'],
    ['agent:claude', 'agent:sdk'],
    ['path:/v1/messages', 'path:batches'],
    ['method=post', 'method:get'],
    ['outcome:ok', 'outcome:error'],
    ['stop:end_turn', 'stop:max'],
    ['address:127', 'address:10.'],
    ['id:request-', 'id:other'],
    ['id:req_1', 'error:slow'],
    ['status:200', 'status:503'],
    ['status:429', 'status!=429'],
    ['status>=400', 'status>=430'],
    ['status<=200', 'status<200'],
    ['status!=503', 'status!=200'],
    ['!status>=430', '!status>=400'],
    ['ms>5000', 'ms>6200.25'],
    ['ms>5s', 'ms>1m'],
    ['first<=410ms', 'first>1s'],
    ['wait:0', 'wait>0'],
    ['in>1k', 'in>1.3k'],
    ['out<1k', 'out>1k'],
    ['cache=9k', 'cache<9000'],
    ['cost>0.01', 'cost>.02'],
    ['retries:1', 'retries>1'],
    ['is:retry', 'is:error'],
    ['is:limited', 'is:truncated'],
    ['is:stream', 'is:live'],
    ['is:ok', 'is:twice'],
    ['IS:OK', 'is:waited'],
  ])('%s wants the sample, and %s does not', (yes, no) => {
    expect([matches(yes, request()), matches(no, request())]).toEqual([true, false]);
  });

  test('asks for what a request is by its kind', () => {
    expect(matches('is:retry', request({ attempts: [last] }))).toBe(false);
    expect(matches('is:limited', request({ attempts: [last] }))).toBe(false);
    expect(matches('is:limited', request({ attempts: [], status: 429 }))).toBe(true);
    expect(matches('is:stream', request({ stream: false }))).toBe(false);
    expect(matches('is:waited', request({ waitMs: asDuration(1) }))).toBe(true);
    for (const outcome of ['error', 'truncated', 'aborted', 'rejected'] as const) {
      expect([matches('is:error', request({ outcome })), matches('is:ok', request({ outcome }))]).toEqual([
        true,
        false,
      ]);
    }
  });

  test('that compares finds nothing where the value is unknown, on either side', () => {
    const unknown = request({ status: null, attempts: [], costUsd: null, account: null, project: null });
    for (const term of [
      'status<400',
      'status>=400',
      'status!=1',
      'cost<1',
      'cost>=0',
      'account:a',
      'project=a',
    ]) {
      expect(matches(term, unknown)).toBe(false);
    }
    expect(matches('!status<400', unknown)).toBe(true);
  });

  test('finds a request that is under way by what is known of it', () => {
    const { id, method, path, client, agent, session, project, model, account } = request();
    const { status, stream, tokens, firstByteMs } = request();
    const known = {
      id,
      method,
      path,
      client,
      agent,
      session,
      project,
      model,
      account,
      status,
      stream,
      tokens,
      firstByteMs,
    };
    const live = { ...known, failures: [first] };
    for (const term of [
      'is:live',
      'is:retry',
      'is:limited',
      'status:429',
      'account:work',
      'project:w',
      'home',
      'in>1k',
    ]) {
      expect(matches(term, live)).toBe(true);
    }
    for (const term of ['ms>0', 'is:error', 'is:ok', 'cost<1']) expect(matches(term, live)).toBe(false);
  });
});

describe('an expression', () => {
  test.each([
    ['', true],
    ['   ', true],
    ['opus', true],
    ['OPUS end_turn', true],
    ['opus sonnet', false],
    ['sonnet | opus', true],
    ['sonnet|opus', true],
    ['sonnet haiku|opus work', true],
    ['(sonnet|opus) home', true],
    ['(sonnet|opus) nobody', false],
    ['!sonnet', true],
    ['!!sonnet', false],
    ['!(opus work)', false],
    ['! opus', false],
    ['"opus-5"', true],
    ['"opus work"', false],
    ['account:"work"', true],
    ['"a\\"b"', false],
    ['200', true],
    ['5h', true],
    ['14:00', false],
  ] as const)('%j', (text, wanted) => {
    expect(matches(text, request())).toBe(wanted);
  });

  test.each([
    ['acount:work', /^1: there is no field acount: account, model, .*, is; put text with a : in quotes$/],
    ['opus http://x', /^6: there is no field http/],
    ['opus status>=fast', /^14: status wants a number$/],
    ['out>1kb', /^5: out wants a number \(with k, m, g if you like\)$/],
    ['ms:', /^4: ms: wants a value$/],
    ['model>5', /^1: > is for numbers; text takes /],
    ['is:fast', /^4: is takes one of retry, error, stream, limited/],
    ['is>1', /^1: is takes a : only$/],
    ['is:toString', /^4: is takes one of/],
    ['constructor:x', /^1: there is no field constructor/],
    ['opus |', /^7: something to look for is missing here$/],
    ['| opus', /^1: something/],
    ['()', /^2: something/],
    ['(opus', /^1: this \( is never closed$/],
    ['opus)', /^5: this \) has no \( before it$/],
    ['a "b', /^3: this quote is never closed$/],
    ['account:"b', /^9: this quote is never closed$/],
    ['a'.repeat(1001), /^1001: over 1000 characters$/],
    ['!'.repeat(900), /^\d+: too deeply nested$/],
    ['('.repeat(900), /^\d+: too deeply nested$/],
  ])('%j is refused with the column of what is wrong', (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });
});

/** An expression as text, and by itself whether it wants a request. */
type Wanted = { text: string; test(request: PricedRequest): boolean };

const retries = ({ attempts }: PricedRequest): number => Math.max(0, attempts.length - 1);
const leaves: readonly Wanted[] = [
  {
    text: 'status>=300',
    test: (each) => [each, ...each.attempts].some(({ status }) => status !== null && status >= 300),
  },
  { text: 'OUT<2k', test: ({ tokens }) => tokens.output !== null && tokens.output < 2000 },
  { text: 'is:stream', test: ({ stream }) => stream },
  { text: 'is:error', test: ({ outcome }) => outcome !== 'ok' },
  { text: 'retries:1', test: (each) => retries(each) === 1 },
  { text: 'client:A', test: ({ client }) => client.toLowerCase().includes('a') },
  { text: 'path!="x y"', test: ({ path }) => path.toLowerCase() !== 'x y' },
];

const { tree } = fc.letrec<{ tree: Wanted; node: Wanted }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, fc.constantFrom(...leaves), tie('node')),
  node: fc.oneof(
    tie('tree').map(({ text, test: inner }): Wanted => ({
      text: `!(${text})`,
      test: (each) => !inner(each),
    })),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]): Wanted => ({
      text: `(${a.text}) (${b.text})`,
      test: (each) => a.test(each) && b.test(each),
    })),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]): Wanted => ({
      text: `(${a.text} | ${b.text})`,
      test: (each) => a.test(each) || b.test(each),
    })),
  ),
}));

test('any expression wants exactly the requests that its parts say', () => {
  fc.assert(
    fc.property(tree, anyRequest, ({ text, test: wanted }, each) => {
      expect(matches(text, each)).toBe(wanted(each));
    }),
    { numRuns },
  );
});

test('and binds closer than or, and not closer than both', () => {
  const leaf = fc.constantFrom(...leaves);
  fc.assert(
    fc.property(leaf, leaf, leaf, anyRequest, (a, b, c, each) => {
      const wanted = (!a.test(each) && b.test(each)) || c.test(each);
      expect(matches(`!${a.text} ${b.text} | ${c.text}`, each)).toBe(wanted);
    }),
  );
});

test('whatever is typed is either a filter that takes any request, or a problem with a column within it', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom(...'!|()": \\'.split(''), 'is:', 'ms>', '1k'),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, anyRequest, (parts, each) => {
      const text = parts.join('');
      const parsed = parseFilter(text);
      const column = parsed.ok ? 1 : parsed.problem.column;
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual(text.length + 1);
      expect(typeof (parsed.ok ? parsed.filter(each) : true)).toBe('boolean');
    }),
    { numRuns },
  );
});

test('any text in quotes finds the request that has it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (error) => {
      const quotedText = `"${error.replaceAll(/["\\]/g, '\\$&')}"`;
      expect(matches(quotedText, request({ error }))).toBe(true);
      expect(matches(`error=${quotedText}`, request({ error }))).toBe(true);
    }),
  );
});
