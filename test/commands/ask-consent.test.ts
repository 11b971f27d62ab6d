import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askedOnScreen } from '../../source/commands/asked-by.ts';
import { askConsent } from '../../source/commands/ask-consent.ts';
import { termsNotice } from '../../source/credentials/terms-notice.ts';
import { CcrError } from '../../source/shared/errors.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { useContextHome, type GivenContext } from '../kit/command-context.ts';
import { loginFacts } from '../kit/records.ts';

const home = useContextHome();
const now = Date.UTC(2026, 10, 22);

const inTerminal = (typed: string, options = {}): GivenContext => {
  const given = home.context({ clock: createFakeClock(now), options });
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.write(typed);
  return { ...given, context: { ...given.context, stdin: stdin as unknown as NodeJS.ReadStream } };
};

const refusalOf = async (given: GivenContext): Promise<CcrError> => {
  const error: unknown = await askConsent(given.context, []).catch((thrown: unknown) => thrown);
  if (error instanceof CcrError) return error;
  throw new Error('went on without a yes');
};

const audit = (): string => {
  const file = join(home.path, 'audit.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

describe('the yes to the notice', () => {
  it.each(['yes\n', ' YES \r\n'])('is %j at the prompt, after the notice, with its time', async (typed) => {
    const given = inTerminal(typed);
    expect(await askConsent(given.context, [])).toBe(now);
    expect(given.stderr()).toBe(`${termsNotice.join('\n')}\n\nGo on? Type yes, or press Enter to leave: `);
    expect(given.stdout()).toBe('');
  });

  it('is --accept-terms in a script, where the notice is shown, too, and nothing is asked', async () => {
    const given = home.context({ clock: createFakeClock(now), options: { 'accept-terms': true } });
    expect(await askConsent(given.context, [])).toBe(now);
    expect(given.stderr()).toContain(termsNotice.at(-1) ?? '');
    expect(given.stderr()).not.toContain('Go on?');
  });

  it('is written down with how it was given', async () => {
    await askConsent(inTerminal('yes\n').context, []);
    const options = { 'accept-terms': true } as const;
    await askConsent(home.context({ options }).context, []);
    const env = askedOnScreen({}, 'screen');
    await askConsent(home.context({ options, env }).context, []);
    const records = audit().trimEnd().split('\n');
    expect(records.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { via: 'cli', event: 'terms.accepted', notice: 'November 2026', by: 'yes at the prompt' },
      { via: 'cli', event: 'terms.accepted', notice: 'November 2026', by: '--accept-terms' },
      { via: 'screen', event: 'terms.accepted', notice: 'November 2026', by: 'yes on the screen' },
    ]);
  });

  it.each(['\n', 'no\n', 'y\n', 'yes please\n'])('is not %j', async (typed) => {
    const error = await refusalOf(inTerminal(typed));
    expect([error.code, error.exitCode]).toEqual(['terms_not_accepted', 2]);
    expect(error.lines.join()).toMatch(/nothing was done; an API key needs none/);
    expect(audit()).toBe('');
  });

  it('is missing where nobody can be asked, which names the option', async () => {
    const given = home.context();
    const error = await refusalOf(given);
    expect([error.code, error.exitCode]).toEqual(['terms_not_accepted', 2]);
    expect(error.lines.join()).toContain('--accept-terms');
    expect(given.stderr()).toContain(termsNotice[0] ?? '');
    expect(audit()).toBe('');
  });

  it('is asked for once: an account that has it speaks for the next ones', async () => {
    const given = home.context();
    expect(await askConsent(given.context, [{}, { login: loginFacts() }])).toBe(1_000);
    expect([given.stderr(), audit()]).toEqual(['', '']);
  });
});
