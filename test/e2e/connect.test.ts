import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inRun } from '../kit/long-run.ts';
import { runProgram, type ProgramExit } from '../kit/program.ts';
import { runHere } from '../kit/run-here.ts';
import {
  contentOf,
  filesIn,
  keysOf,
  opens,
  placeIn,
  stateOf,
  tokenIn,
  type Place,
  type Program,
} from './connect-place.ts';
import { killAtStep } from './kill-at-step.ts';
import { ask, sdkFor, unlimited, useWorld, type Environment } from './world.ts';

const world = useWorld();

/** A place of its own for every death. */
const newPlace = (program?: Program): Place => placeIn(mkdtempSync(join(world.home, 'place-')), program);

const environmentOf = ({ home }: Place, env: Environment) => ({
  home: world.home,
  env: { ...world.env, CCR_TUI_HOME: home, ...env },
});
const lineOf = ({ program, client }: Place, command: string): string[] => [command, program, '--dir', client];

/** A program of its own, which may die. */
const run = (place: Place, command: string, env: Environment = {}): Promise<ProgramExit> =>
  runProgram(lineOf(place, command), environmentOf(place, env));

/** What leads to a death, and what comes after it, inside this process: there are three of these to each death. */
const runBeside = (place: Place, command: string, env: Environment = {}): Promise<ProgramExit> =>
  runHere(lineOf(place, command), environmentOf(place, env));

/** Keys are random: texts that differ in them alone are the same but for the key. */
const masked = (text: string | null): string | null => text?.replace(tokenIn(text) ?? '', '[key]') ?? null;

/** As a person who knows that nothing runs; that the next command waits for them and takes them over has its own test. */
const removeLocks = ({ home }: Place): void => {
  for (const name of filesIn(home)) {
    if (name.endsWith('.lock')) rmSync(join(home, name), { recursive: true });
  }
};

/** Undoes it as a person would after the crash; returns how that ended. */
const undo = (place: Place): Promise<ProgramExit> => {
  removeLocks(place);
  return runBeside(place, 'disconnect');
};

type Story = {
  program?: Program;
  /** What connect has to say besides. */
  notes?: RegExp;
  /** Brings the place to where the command that dies begins. */
  before(place: Place): Promise<unknown>;
  command: 'connect' | 'disconnect';
  env?: Environment;
  /** The text that the file must have after everything was undone; the state made by `before` by default. */
  after?: string;
  /** The command is given once more before all is undone, and must end its work. */
  retry?: true;
};

const original = '\uFEFF{\r\n\t"model": "opus",\r\n\t"env": { "ANTHROPIC_BASE_URL": "http://old" }\r\n}';
const put = ({ client, settings }: Place, text = original): void => {
  mkdirSync(client, { recursive: true });
  writeFileSync(settings, text);
  chmodSync(settings, 0o640);
};
const connected = async (place: Place): Promise<void> => {
  put(place);
  expect((await runBeside(place, 'connect')).code).toBe(0);
};
const otherPort = { CCR_TUI_PORT: '4999' };

const stories: [name: string, story: Story][] = [
  ['connect with settings', { before: async (place) => put(place), command: 'connect' }],
  [
    'connect without a folder, in a home that has made keys before',
    {
      before: async (place) => {
        for (const command of ['connect', 'disconnect']) {
          expect((await runBeside(place, command)).code).toBe(0);
        }
      },
      command: 'connect',
    },
  ],
  [
    'connect again to another port',
    { before: connected, command: 'connect', env: otherPort, after: original },
  ],
  [
    'connect again to another port after others have changed the file',
    {
      before: async (place) => {
        await connected(place);
        put(place, (contentOf(place) ?? '').replace('"opus"', '"haiku"'));
      },
      command: 'connect',
      env: otherPort,
      after: original.replace('"opus"', '"haiku"'),
    },
  ],
  [
    'connect again after the key was revoked',
    {
      before: async (place) => {
        await connected(place);
        const [key] = keysOf(place);
        const revoke = ['key', 'revoke', key?.name ?? ''];
        expect((await runHere(revoke, environmentOf(place, {}))).code).toBe(0);
      },
      command: 'connect',
      after: original,
      retry: true,
    },
  ],
  ['disconnect', { before: connected, command: 'disconnect', after: original }],
  [
    'connect codex with settings',
    {
      program: 'codex',
      notes: /^ccr-tui: note: Codex needs the Responses route[^\n]+\n$/,
      before: async (place) => put(place, 'model_provider = "theirs" # why\r\n\r\n[tui]\r\nx = 1'),
      command: 'connect',
    },
  ],
];

/** A place as it was when this was called, however often it is put back. */
const keepCopy = ({ root }: Place): (() => void) => {
  const copy = `${root}-copy`;
  cpSync(root, copy, { recursive: true, preserveTimestamps: true });
  return () => {
    rmSync(root, { recursive: true });
    cpSync(copy, root, { recursive: true, preserveTimestamps: true });
  };
};

/** Gives the command again as a person would after the crash; returns the text of the file. */
const retry = async (place: Place, { command, env }: Story): Promise<string | null> => {
  removeLocks(place);
  expect(await runBeside(place, command, env)).toMatchObject({ code: 0, stderr: '' });
  return contentOf(place);
};

/** Each step costs a program and two commands: the short run takes every 24th, from another one on for each story. */
const stride = inRun(24, 1);

/** Dies at every step in turn, several at a time; returns how many steps there were. */
const dieAtEvery = async (
  story: Story,
  check: (place: Place, at: number, from: string | null) => Promise<void>,
): Promise<number> => {
  let next = 1 + (stories.findIndex(([, each]) => each === story) % stride);
  let steps = 0;
  const worker = async (): Promise<void> => {
    const place = newPlace(story.program);
    await story.before(place);
    const from = contentOf(place);
    const putBack = keepCopy(place);
    while (steps === 0) {
      const at = next;
      next += stride;
      putBack();
      const exit: ProgramExit = await run(place, story.command, {
        ...story.env,
        NODE_OPTIONS: killAtStep(at),
      });
      if (exit.signal === null) {
        expect(exit).toMatchObject({ code: 0, stderr: expect.stringMatching(story.notes ?? /^$/) });
        // The others may be at steps behind it by now.
        steps = steps === 0 ? at - 1 : Math.min(steps, at - 1);
        return;
      }
      expect(exit.signal).toBe('SIGKILL');
      await check(place, at, from);
    }
  };
  // One for each processor: each has to bring a place of its own to where the command begins.
  await Promise.all([worker(), worker()]);
  return steps;
};

describe('kill -9 at every step', () => {
  it.each(stories)(
    '%s: the file is whole with a key that is valid, and all can be undone exactly',
    { timeout: 120_000 },
    async (_, story) => {
      // What the command makes of the file when nobody kills it.
      const untouched = newPlace(story.program);
      await story.before(untouched);
      const before = contentOf(untouched);
      const wasValid = await opens(untouched, tokenIn(before) ?? '');
      const wanted = newPlace(story.program);
      if (story.after === undefined) await story.before(wanted);
      else put(wanted, story.after);
      expect(await runBeside(untouched, story.command, story.env)).toMatchObject({ code: 0 });
      const to = masked(contentOf(untouched));
      expect(contentOf(untouched)).not.toBe(before);

      const steps = await dieAtEvery(story, async (place, at, from) => {
        const now = contentOf(place);
        expect([from, to], `step ${at}`).toContain(now === from ? now : masked(now));
        const token = tokenIn(now);
        // One that is valid is used again; one that is written anew must be valid.
        expect([tokenIn(from), null].includes(token) || !wasValid, `step ${at}`).toBe(true);
        const mustOpen = token !== null && (wasValid || now !== from);
        expect(mustOpen && !(await opens(place, token)), `step ${at}`).toBe(false);

        const again = story.retry ? await retry(place, story) : now;
        expect(masked(again), `step ${at}`).toBe(story.retry ? to : masked(now));
        const needsKey = story.retry === true && !(await opens(place, tokenIn(again) ?? ''));
        expect(needsKey, `step ${at}`).toBe(false);
        const { code, stderr } = await undo(place);
        // Nothing to undo is fine, too: then no receipt was written yet, though one may have been begun.
        expect(
          [
            [0, ''],
            [3, expect.stringContaining('is not connected')],
          ],
          `step ${at}`,
        ).toContainEqual([code, stderr]);
        const receipts = filesIn(join(place.home, 'receipts'));
        expect(
          receipts.filter((name) => code === 0 || name.endsWith('.json')),
          `step ${at}`,
        ).toEqual([]);
        expect(stateOf(place), `step ${at}`).toEqual(stateOf(wanted));
        expect(keysOf(place), `step ${at}`).toEqual([]);
      });
      expect(steps).toBeGreaterThan(14);
    },
  );

  it.each([
    // From a little before the step at which it is half written.
    ['the vault', 18, /^vault\.tmp-/, /^(receipts|keys|vault)\.lock$/],
    ['the list of keys', 43, /^config\.json\.tmp-/, /^(receipts|keys|config)\.lock$/],
  ])(
    'the next command takes over what one held that died writing %s, and ends its work',
    async (_, from, half, locks) => {
      const place = newPlace();
      const left = (): string[] => filesIn(place.home);
      for (let step = from; !left().some((name) => half.test(name)); step += 1) {
        rmSync(place.home, { recursive: true, force: true });
        put(place);
        expect(await run(place, 'connect', { NODE_OPTIONS: killAtStep(step) })).toMatchObject({
          signal: 'SIGKILL',
        });
      }
      expect(left().filter((name) => locks.test(name))).toHaveLength(3);
      expect(await run(place, 'connect')).toMatchObject({ code: 0, stderr: '' });
      const token = tokenIn(contentOf(place)) ?? '';
      expect(keysOf(place)).toHaveLength(1);
      expect(await opens(place, token)).toBe(true);
      expect(left().filter((name) => half.test(name) || name.endsWith('.lock'))).toEqual([]);
      expect((await run(place, 'disconnect')).stdout).toContain('byte for byte');
      expect(contentOf(place)).toBe(original);
      expect(await opens(place, token)).toBe(false);
      expect(readdirSync(join(place.home, 'receipts'))).toEqual([]);
    },
  );
});

it('a death without help is found by the counter: it ends at the last step and no sooner', async () => {
  const place = newPlace();
  put(place);
  expect(await run(place, 'connect', { NODE_OPTIONS: killAtStep(1) })).toMatchObject({ signal: 'SIGKILL' });
  expect(contentOf(place)).toBe(original);
  expect(await run(place, 'connect', { NODE_OPTIONS: killAtStep(1000) })).toMatchObject({ code: 0 });
});

describe('two at once', () => {
  it('leave one connection and one way back', async () => {
    const place = newPlace();
    put(place);
    const exits = await Promise.all([0, 1, 2, 3].map(() => run(place, 'connect')));
    expect(exits.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(exits.filter(({ stdout }) => stdout.includes('already'))).toHaveLength(3);
    await runBeside(place, 'disconnect');
    expect(contentOf(place)).toBe(original);
  });
});

it('what connect wrote leads to the account', async () => {
  const upstream = await world.provider({ work: unlimited });
  await world.add('work', upstream);
  await world.serve();
  const dir = join(world.home, 'claude');
  expect((await world.run(['connect', 'claude-code', '--dir', dir])).code).toBe(0);
  const { env } = JSON.parse(readFileSync(join(dir, 'settings.json'), 'utf8')) as {
    env: Record<string, string>;
  };
  const client = sdkFor(env['ANTHROPIC_BASE_URL'] ?? '', { authToken: env['ANTHROPIC_AUTH_TOKEN'] ?? '' });
  const { response } = await client.messages.create(ask('hello')).withResponse();
  expect(response.headers.get('x-ccr-account')).toBe('work');
});
