import type { CommandArgs } from '../../shared/commands.ts';
import { createSecretField } from '../secret-field.ts';
import {
  chosenName,
  chosenUrl,
  isLastField,
  looksLikeKey,
  newForm,
  pasteForm,
  pressForm,
  strayKey,
  type AddForm,
  type FormProblem,
} from './add-account-form.ts';
import { takenName } from './add-account-problem.ts';
import { suggestName } from './suggest-name.ts';

/** What a person has typed into the form: the visible fields, and the key as bytes. */
export type Typing = {
  form(): AddForm;
  /** Characters of the key. */
  keyLength(): number;
  /** What to say by a field now; null = nothing. */
  problem(): FormProblem | null;
  /** Says why it cannot be added, and puts the cursor where that is to be mended. */
  refuse(problem: FormProblem): void;
  /** Takes one key; `send` when it was the Enter that finishes the form. */
  press(name: string): 'send' | 'more';
  paste(text: string): void;
  args(): CommandArgs<'account.add'>;
  /** Whether there is any use in sending it; else it says why not. */
  complete(): boolean;
  /** The key as bytes of their own, for the callee to wipe. */
  copyKey(): Uint8Array;
  wipe(): void;
};

const severalLines = 'several lines were pasted, and nothing was taken; give it alone, as one line';
const tooLong = 'this is longer than any key, and nothing was taken';

/** An empty form. `names` are those that are taken. */
export const createTyping = (names: () => readonly string[]): Typing => {
  const secret = createSecretField();
  let form = newForm(suggestName(names()));

  const refuse = (problem: FormProblem): void => {
    form = { ...form, focus: problem.field, problem };
  };
  const taken = (): FormProblem | null =>
    names().includes(chosenName(form)) ? takenName(chosenName(form)) : null;
  const keyTouched = (): void => {
    form = { ...form, focus: 'key', problem: form.problem?.field === 'key' ? null : form.problem };
  };
  /** Puts text into the hidden line, which gets the keys from now on. */
  const takeKey = (text: string): void => {
    keyTouched();
    if (!secret.insert(text)) refuse({ field: 'key', text: tooLong });
  };

  return {
    form: () => form,
    keyLength: secret.length,
    problem: () => form.problem ?? taken(),
    refuse,
    press(name) {
      if (name === 'enter' && isLastField(form)) return 'send';
      if (form.focus === 'key' && secret.press(name)) keyTouched();
      else form = pressForm(form, name);
      const stray = strayKey(form);
      if (stray === null) return 'more';
      form = stray.form;
      takeKey(stray.key);
      return 'more';
    },
    paste(pasted) {
      const text = pasted.trim();
      if (/[\r\n]/.test(text)) refuse({ field: form.focus, text: severalLines });
      else if (form.focus === 'key' || looksLikeKey(text)) takeKey(text);
      else form = pasteForm(form, text);
    },
    args: () => ({
      name: chosenName(form),
      kind: form.kind,
      baseUrl: chosenUrl(form),
      priority: null,
      weight: null,
      force: false,
    }),
    complete() {
      const missing: FormProblem | null =
        secret.length() === 0 ? { field: 'key', text: 'no key yet; paste it here' } : null;
      const problem = taken() ?? missing;
      if (problem !== null) refuse(problem);
      return problem === null;
    },
    copyKey: secret.copy,
    wipe: secret.wipe,
  };
};
