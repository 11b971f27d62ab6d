import { describe, expect, it } from 'vitest';
import { checkNewAccount, checkSecret } from '../../../source/credentials/account-input.ts';
import { refuseDuplicate } from '../../../source/credentials/find-account.ts';
import { CcrError } from '../../../source/shared/errors.ts';
import { Secret } from '../../../source/shared/secret.ts';
import type { AccountRecord } from '../../../source/shared/types.ts';
import { problemOf } from '../../../source/ui/overlays/add-account-problem.ts';

const refusal = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
};
const account = { name: 'work', kind: 'compatible', baseUrl: 'https://relay.example' } as const;
const adding = (part: object): unknown =>
  refusal(() => checkNewAccount({ ...account, priority: null, weight: null, ...part }));

// The errors are those of the checks themselves: a new text there must still find its field here.
describe('problemOf', () => {
  it.each([
    ['name', adding({ name: 'a b' }), /"a b" is not an account name; use up to 64/],
    ['url', adding({ baseUrl: null }), /needs a base URL; give one such as https/],
    ['url', adding({ baseUrl: 'http://relay.example' }), /not encrypted; use https/],
    ['name', refusal(() => refuseDuplicate([{ name: 'work' } as AccountRecord], 'work')), /choose another/],
    [
      'key',
      refusal(() => checkSecret('compatible', new Secret('two words'), false)),
      /unusual characters; paste/,
    ],
    ['key', new CcrError('store_unavailable', 'the keychain is locked', { hint: 'unlock it' }), /unlock it/],
    ['key', new Error('the pipe broke'), /^the pipe broke$/],
  ])('says by the %s what is wrong with it', (field, error, text) => {
    const problem = problemOf(error, 'compatible');
    expect(problem.field).toBe(field);
    expect(problem.text).toMatch(text);
    expect(problem.text).not.toMatch(/stdin|ccr-tui account/);
  });

  it('says what a key of the Claude Console looks like, in the words of the form', () => {
    const error = refusal(() => checkSecret('api-key', new Secret('hello'), false));
    expect(problemOf(error, 'api-key')).toEqual({
      field: 'key',
      text: 'this is not a key of the Claude Console; wanted sk-ant-api… without spaces; other keys are of kind compatible',
    });
  });

  it('sends a Claude login to where it comes in', () => {
    const error = refusal(() => checkSecret('api-key', new Secret('sk-ant-oat01-token'), false));
    expect(problemOf(error, 'api-key').text).toMatch(
      /token of a Claude login, .* or add it in a shell, as an account of kind setup-token$/,
    );
  });

  it('keeps advice for a shell where there is no other', () => {
    const hint = 'start it, or take the vault: ccr-tui config set credentialStore vault';
    const error = new CcrError('store_unavailable', 'the keychain does not work', { hint });
    expect(problemOf(error, 'api-key').text).toBe(`the keychain does not work; ${hint}`);
  });

  it('says nothing by a field that is not there', () => {
    expect(problemOf(adding({ baseUrl: null }), 'api-key').field).toBe('kind');
  });
});
