import { errorFromShape, errorShape, type ErrorCode } from '../../shared/errors.ts';
import type { FormFieldName, FormKind, FormProblem } from './add-account-form.ts';

/** The field that an error of `account.add` is about; what is not listed came up while the key was stored. */
const fields: Partial<Readonly<Record<ErrorCode, FormFieldName>>> = {
  usage: 'name',
  duplicate_account: 'name',
  unsupported_kind: 'kind',
  bad_base_url: 'url',
  bad_secret: 'key',
};

type Hint = (kind: FormKind) => string;

/** What to do about it here, where the error's own hint speaks of the command line. */
const hints: Partial<Readonly<Record<ErrorCode, Hint>>> = {
  duplicate_account: () => 'choose another name',
  bad_base_url: () => 'give one such as https://relay.example',
  bad_secret: (kind) =>
    kind === 'api-key'
      ? 'wanted sk-ant-api… without spaces; other keys are of kind compatible'
      : 'paste it again; in a shell, account add --force takes it as it is',
};

const ofCommandLine = /--\w|ccr-tui |stdin/;

/** Why the account was not added, in words, and by which field to say so. No part of a secret is in it. */
export const problemOf = (error: unknown, kind: FormKind): FormProblem => {
  const shape = errorShape(error);
  const field = fields[shape.code] ?? 'key';
  const hint = ofCommandLine.test(shape.hint ?? '') ? (hints[shape.code]?.(kind) ?? shape.hint) : shape.hint;
  // One kind has no address to mend; a problem must be said where the person can see it.
  const shown = field === 'url' && kind !== 'compatible' ? 'kind' : field;
  return { field: shown, text: errorFromShape({ ...shape, hint }).lines.join('; ') };
};

/** The name is taken: said while it is typed, before anybody pastes a key. */
export const takenName = (name: string): FormProblem => ({
  field: 'name',
  text: `there already is an account ${name}; choose another name`,
});
