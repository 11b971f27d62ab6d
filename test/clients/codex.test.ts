import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codex } from '../../source/clients/codex.ts';
import { Secret } from '../../source/shared/secret.ts';

const wish = { origin: 'http://127.0.0.1:4180', token: new Secret('ccr_k') };
const places = [...codex.wished(wish).keys()];
const valueOf = (text: string): Record<string, unknown> => getStaticTOMLValue(parseTOML(text));
const write = (text: string): string => {
  const edited = codex.write(text, wish);
  if (!edited.ok) throw new Error(edited.problem);
  return edited.text;
};
const restore = (text: string, original: string): string => codex.restore(text, original, places);

const block = `# >>> ccr-tui: written by "ccr-tui connect codex", removed by "ccr-tui disconnect codex"
model_provider = "ccr-tui"

[model_providers.ccr-tui]
name = "ccr-tui"
base_url = "http://127.0.0.1:4180/v1"
wire_api = "responses"
experimental_bearer_token = "ccr_k"
# <<< ccr-tui
`;
const table = {
  name: 'ccr-tui',
  base_url: 'http://127.0.0.1:4180/v1',
  wire_api: 'responses',
  experimental_bearer_token: 'ccr_k',
};

describe('the managed lines', () => {
  test.each([
    ['an empty file', '', block],
    ['root keys only', 'model = "m"\n', `model = "m"\n\n${block}`],
    ['no final line break', 'model = "m"', `model = "m"\n\n${block}`],
    ['a table', 'model = "m"\n\n[tui]\nx = 1\n', `model = "m"\n\n${block}\n[tui]\nx = 1\n`],
    ['a table at once', '[tui]\nx = 1\n', `${block}\n[tui]\nx = 1\n`],
    [
      'a comment of the table',
      'a = 1\n# about\n# tui\n[tui]\n',
      `a = 1\n\n${block}\n# about\n# tui\n[tui]\n`,
    ],
    ['a comment of its own', '# mine\n\n[tui]\n', `# mine\n\n${block}\n[tui]\n`],
    ['a list of tables', 'a = 1\n[[x]]\n', `a = 1\n\n${block}\n[[x]]\n`],
  ])('in %s', (_, text, wanted) => {
    expect(write(text)).toBe(wanted);
    expect(valueOf(write(text))).toEqual({
      ...valueOf(text),
      model_provider: 'ccr-tui',
      model_providers: { 'ccr-tui': table },
    });
  });

  test('what looks like a table in a string or a list is none', () => {
    const text = 'a = """\n[tui]\n# >>> ccr-tui\n"""\nb = [\n  "[x]",\n]\n';
    expect(write(text)).toBe(`${text}\n${block}`);
    expect(restore(write(text), text)).toBe(text);
  });

  test('keep the line ends of the file', () => {
    const text = 'a = 1\r\n[tui]\r\n';
    expect(write(text)).toBe(`a = 1\r\n\r\n${block.replaceAll('\n', '\r\n')}\r\n[tui]\r\n`);
    expect(restore(write(text), text).replaceAll('\r\n', '')).toBe('a = 1[tui]');
  });

  test('a provider that was chosen before is replaced in its place, and comes back', () => {
    const text = `model_provider = 'theirs' # why\n[model_providers.theirs]\nname = "t"\n`;
    const edited = write(text);
    expect(edited.split('\n')[0]).toBe('model_provider = "ccr-tui" # why');
    expect(edited.match(/model_provider =/g)).toHaveLength(1);
    expect(valueOf(edited)).toEqual({
      model_provider: 'ccr-tui',
      model_providers: { theirs: { name: 't' }, 'ccr-tui': table },
    });
    expect(valueOf(restore(edited, text))).toEqual(valueOf(text));
    expect(restore(edited, text).split('\n')[0]).toBe(text.split('\n')[0]);
  });

  test.each([
    [
      '[model_providers.ccr-tui]\nname = "x"\n',
      /has a \[model_providers\.ccr-tui\] that ccr-tui did not write/,
    ],
    ['model_providers.ccr-tui.name = "x"\n', /did not write/],
    ['[model_providers."ccr-tui"]\n', /did not write/],
    ['model_providers = { a = { name = "x" } }\n', /in a way that no table can be added to/],
    ['[[model_providers]]\nname = "x"\n', /in a way that no table can be added to/],
    ['model_providers = 3\n', /in a way that no table can be added to/],
    ['a = \n', /is not valid TOML \(line \d, column \d+: /],
    ['a = 1\na = 2\n', /is not valid TOML \(line 2/],
  ])('%j is refused', (text, problem) => {
    expect(codex.write(text, wish)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  test('what somebody put below our table stays, words or not', () => {
    const below = '[model_providers.ccr-tui.name]\ntoString = 1\nvalueOf = 1\n';
    expect(restore(`[model_providers.ccr-tui]\n${below}`, '')).toBe(below);
  });

  test('a token with anything in it is one string', () => {
    const token = new Secret('a"b\\c\u007f\u0001\n');
    const edited = codex.write('', { ...wish, token });
    if (!edited.ok) throw new Error(edited.problem);
    const reading = codex.read(edited.text);
    expect(reading.ok && codex.tokenIn(reading.slots)?.reveal()).toBe(token.reveal());
    expect(codex.mask(edited.text, '[key]')).not.toContain('a\\"b');
    expect(valueOf(codex.mask(edited.text, '[key]'))).toMatchObject({
      model_providers: { 'ccr-tui': { experimental_bearer_token: '[key]' } },
    });
  });
});

describe('put back in place', () => {
  test.each([
    ['a key above', (text: string) => `new = 1\n${text}`],
    ['a table below', (text: string) => `${text}\n[projects."/x"]\ntrust_level = "trusted"\n`],
    ['a key among ours', (text: string) => text.replace('"ccr-tui"\n\n', '"ccr-tui"\nmodel = "m"\n\n')],
    ['our comments removed', (text: string) => text.replace(/# (>>>|<<<).*\n/g, '')],
    [
      'our lines moved',
      (text: string) =>
        text.replace('name = "ccr-tui"\n', '').replace('wire_api', 'name = "ccr-tui"\nwire_api'),
    ],
  ])('%s: the rest stays', (_, change) => {
    for (const text of ['', 'a = 1\n\n[tui]\nx = 1\n', 'model_provider = "t"\n[tui]\n']) {
      const changed = change(write(text));
      const { model_provider: _own, model_providers: _ours, ...others } = valueOf(changed);
      const before = valueOf(text);
      const done = restore(changed, text);
      expect(valueOf(done)).toEqual({
        ...others,
        ...('model_provider' in before ? { model_provider: before['model_provider'] } : {}),
      });
      expect(done).not.toContain('ccr-tui');
    }
  });

  test('only the places that are named', () => {
    const edited = write('').replace('model_provider = "ccr-tui"', 'model_provider = "mine"');
    expect(valueOf(codex.restore(edited, '', ['model_providers.ccr-tui']))).toEqual({
      model_provider: 'mine',
    });
    expect(valueOf(codex.restore('a = 1\n[t]\n', 'model_provider = "x"', ['model_provider']))).toEqual({
      a: 1,
      t: {},
      model_provider: 'x',
    });
  });
});

test('any TOML made of our pieces: the same value plus ours, and back', () => {
  const line = fc.constantFrom(
    'a = 1',
    'b.c = "x"',
    'model = "m" # why',
    '# a comment',
    '',
    '[tui]',
    '[model_providers.other]',
    '[projects."/home/x y"]',
    'model_provider = "openai"',
    "l = '''\n[not.a.table]\n'''",
    'list = [ 1,\n  2, # two\n]',
    '[[hooks]]',
    '  indented = true',
    'time = 1979-05-27T07:32:00Z',
  );
  let tried = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(line, { maxLength: 10 }),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('', 'end'),
      (lines, lineBreak, end) => {
        const text = lines.join('\n').replaceAll('\n', lineBreak) + (end === '' ? '' : lineBreak);
        if (!codex.read(text).ok) return;
        tried += 1;
        const edited = write(text);
        const before = valueOf(text);
        expect(valueOf(edited)).toEqual({
          ...before,
          model_provider: 'ccr-tui',
          model_providers: { ...(before['model_providers'] as object | undefined), 'ccr-tui': table },
        });
        const back = restore(edited, text);
        expect(valueOf(back)).toEqual(before);
        // What is left over are empty lines at most.
        expect(back.split(/\r?\n/).filter(Boolean)).toEqual(text.split(/\r?\n/).filter(Boolean));
      },
    ),
    { numRuns: 500 },
  );
  expect(tried).toBeGreaterThan(100);
});
