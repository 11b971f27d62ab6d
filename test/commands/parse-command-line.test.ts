import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cliActions } from '../../source/commands/cli-action.ts';
import { parseCommandLine, wantsTrace } from '../../source/commands/parse-command-line.ts';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '));

const ran = (line: string) => {
  const parsed = parse(line);
  if (parsed.kind !== 'run') throw new Error(`${line}: ${JSON.stringify(parsed)}`);
  return { name: parsed.action.name, positionals: parsed.positionals, options: parsed.options };
};

const refused = (line: string): string => {
  const parsed = parse(line);
  if (parsed.kind !== 'problem') throw new Error(`${line}: ${JSON.stringify(parsed)}`);
  return `${parsed.message}; ${parsed.hint}`;
};

describe('the table', () => {
  it('has each option with a value everywhere or nowhere, so that it may stand before the words', () => {
    const kinds = new Map<string, boolean>();
    for (const { name, value } of cliActions.flatMap((action) => action.cli.options)) {
      expect([name, kinds.get(name) ?? value !== null]).toEqual([name, value !== null]);
      kinds.set(name, value !== null);
    }
    expect(kinds.size).toBeGreaterThan(5);
  });

  it('has no words twice, and no command that is also the name of a group, but history, which takes no argument', () => {
    const phrases = cliActions.map((action) => action.cli.words.join(' '));
    expect(new Set(phrases).size).toBe(phrases.length);
    for (const phrase of phrases.filter((text) => text !== '' && text !== 'history')) {
      expect(phrases.filter((other) => other.startsWith(`${phrase} `))).toEqual([]);
    }
    expect(cliActions.find(({ name }) => name === 'history')?.cli.args).toEqual([]);
  });

  it('has examples that parse to their own command', () => {
    for (const action of cliActions) {
      for (const example of action.cli.examples) {
        const words = (example.split(/ [|<] /)[0] ?? '').split(' ').slice(1);
        const parsed = parseCommandLine(words);
        expect([example, parsed]).toMatchObject([example, { kind: 'run', action: { name: action.name } }]);
      }
    }
  });
});

describe('a good line', () => {
  it.each([
    ['', 'screen.open', [], {}],
    ['--port 0 --json', 'screen.open', [], { port: '0', json: true }],
    ['--no-color', 'screen.open', [], { 'no-color': true }],
    ['serve --port=4280', 'serve', [], { port: '4280' }],
    ['--port 4280 serve', 'serve', [], { port: '4280' }],
    ['account add work', 'account.add', ['work'], {}],
    ['account add --priority 5 work --json', 'account.add', ['work'], { priority: '5', json: true }],
    ['account add -- -odd', 'account.add', ['-odd'], {}],
    ['config set port 4280', 'config.set', ['port', '4280'], {}],
    ['config set port -- -1', 'config.set', ['port', '-1'], {}],
    ['status --debug', 'status', [], { debug: true }],
    ['history --since 7d --since 1d', 'history', [], { since: '1d' }],
  ] as const)('%s', (line, name, positionals, options) => {
    expect(ran(line)).toEqual({ name, positionals, options });
  });

  it('leaves everything that belongs to the program to run alone', () => {
    expect(ran('run -- claude --version -p --json').positionals).toEqual([
      'claude',
      '--version',
      '-p',
      '--json',
    ]);
    expect(ran('run claude --help')).toEqual({
      name: 'run',
      positionals: ['claude', '--help'],
      options: {},
    });
    expect(ran('run --debug claude -- x')).toEqual({
      name: 'run',
      positionals: ['claude', '--', 'x'],
      options: { debug: true },
    });
    expect(ran('run -- sh -- -c').positionals).toEqual(['sh', '--', '-c']);
  });
});

describe('help and version', () => {
  it.each([
    ['--help', []],
    ['-h', []],
    ['help', []],
    ['help account add', ['account', 'add']],
    ['account --help', ['account']],
    ['help account', ['account']],
    ['account add --help', ['account', 'add']],
    ['run --help', ['run']],
    ['--help --version', []],
  ] as const)('%s asks for help', (line, words) => {
    expect(parse(line)).toEqual({ kind: 'help', words });
  });

  it.each(['--version', '-v', 'status --version'])('%s asks for the version', (line) => {
    expect(parse(line)).toEqual({ kind: 'version' });
  });
});

describe('a bad line says what is wrong and what to do', () => {
  it.each([
    ['stauts', 'unknown command stauts; did you mean status?'],
    ['acount', 'unknown command acount; did you mean account?'],
    ['account ad', 'unknown command account ad; did you mean account add?'],
    ['account zzzzzz', 'unknown command account zzzzzz; see ccr-tui account --help'],
    ['kubernetes', 'unknown command kubernetes; see ccr-tui --help'],
    ['stauts --help', 'unknown command stauts; did you mean status?'],
    [
      'account',
      'account needs one of: add, login, list, remove, pause, resume, prefer, show, rename, set, reset, refresh, test; see ccr-tui account --help',
    ],
    ['--prot 1', 'unknown flag --prot; did you mean --port?'],
    ['serve --jsn', 'unknown flag --jsn; did you mean --json?'],
    ['serve -x', 'unknown flag -x; see ccr-tui serve --help'],
    ['stop --json', 'unknown flag --json; see ccr-tui stop --help'],
    ['--port', '--port needs a value (N); see ccr-tui --help'],
    ['--port --json', '--port needs a value (N); write --port=N when it begins with a dash'],
    ['status --json=yes', '--json takes no value; see ccr-tui status --help'],
    ['account remove', 'account remove needs NAME; usage: ccr-tui account remove NAME'],
    ['config set port', 'config set needs KEY and VALUE; usage: ccr-tui config set KEY VALUE'],
    ['stop now', 'stop got 1 argument too many; usage: ccr-tui stop'],
    ['run', 'run needs COMMAND; usage: ccr-tui run -- COMMAND ...'],
    ['run --', 'run needs COMMAND; usage: ccr-tui run -- COMMAND ...'],
  ])('%s', (line, said) => {
    expect(refused(line)).toBe(said);
  });

  it('never repeats a key that was given as an argument', () => {
    const key = `sk-ant-api03-${'k'.repeat(40)}`;
    for (const line of [key, `account add work ${key}`, `account add work --key=${key}`, `account ${key}`]) {
      expect(refused(line)).not.toContain('kkkk');
    }
  });
});

describe('any line', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'account',
      'add',
      'run',
      '--',
      '--help',
      '--port',
      '-h',
      '--json',
      '__proto__',
      '--__proto__',
    ),
    fc.string({ maxLength: 12 }),
  );

  it('ends in something to do or a problem of one line, never a throw', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        const parsed = parseCommandLine(argv);
        expect(['run', 'help', 'version', 'problem']).toContain(parsed.kind);
        expect(typeof wantsTrace(argv)).toBe('boolean');
      }),
    );
  });

  it('passes every word of the program to run, unchanged and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), (rest) => {
        const parsed = parseCommandLine(['run', '--', 'program', ...rest]);
        expect(parsed).toMatchObject({ kind: 'run', positionals: ['program', ...rest] });
      }),
    );
  });
});

it('the trace is asked for by --debug, but not by the --debug of another program', () => {
  expect(wantsTrace(['status', '--debug', '--nope'])).toBe(true);
  expect(wantsTrace(['run', '--', 'x', '--debug'])).toBe(false);
});
