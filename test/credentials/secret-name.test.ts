import { expect, test } from 'vitest';
import { checkSecretName, referenceIn, unknownSecret } from '../../source/credentials/secret-name.ts';

test.each([
  ['$RELAY_KEY', 'RELAY_KEY'],
  ['${RELAY_KEY}', 'RELAY_KEY'],
  [' $a\n', 'a'],
  ['RELAY_KEY', null],
  ['$', null],
  ['$1', null],
  ['${A', null],
  ['$A$B', null],
  ['$RELAY KEY', null],
  ['sk-$A', null],
  [`$${'a'.repeat(65)}`, null],
])('%j stands for the secret %j', (text, name) => expect(referenceIn(text)).toBe(name));

test('a name may be given as it stands in the config; anything else is refused and never repeated', () => {
  expect(checkSecretName('RELAY_KEY')).toBe('RELAY_KEY');
  expect(checkSecretName('$RELAY_KEY')).toBe('RELAY_KEY');
  for (const text of ['', 'sk-ant-api03-marker', '../x', 'a b', '$$a', '1a']) {
    const refusal = expect.objectContaining({
      code: 'usage',
      message: 'this is not a name of a secret',
    }) as Error;
    expect(() => checkSecretName(text)).toThrow(refusal);
  }
  expect(unknownSecret('A')).toMatchObject({ exitCode: 3, message: 'there is no secret A' });
});
