import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, keyHint, type KeyHint } from '../keymap.ts';
import { isLastField, type AddForm } from './add-account-form.ts';
import { addAccountLines } from './add-account-lines.ts';
import { problemOf } from './add-account-problem.ts';
import { createTyping } from './add-account-typing.ts';
import { addedLines, addedSentence, type Added } from './added-lines.ts';
import { createSending, sendingKeys } from './sending.ts';

// Without room for all, those in front of the last two go first.
const typingKeys = (form: AddForm): KeyHint[] => [
  { key: 'Tab', text: 'next field' },
  ...(form.focus === 'kind' ? [{ key: 'Left/Right', text: 'change' }] : []),
  { key: 'Enter', text: isLastField(form) ? 'add' : 'next' },
  { key: 'Esc', text: 'cancel' },
];

/** The form itself, until the account is there. */
const openForm = (context: DialogContext, onAdded: (added: Added) => void): Dialog => {
  const typing = createTyping(() => context.state().accounts.map(({ name }) => name));
  const sending = createSending(context);

  const finish = (added: Added, closed: boolean): void => {
    typing.wipe();
    if (closed) context.tell(addedSentence(added));
    else onAdded(added);
  };
  const fail = (error: unknown, closed: boolean): void => {
    const { kind } = typing.form();
    const problem = problemOf(error, kind);
    if (closed) context.tell(`${typing.args().name} was not added: ${problem.text}`);
    else typing.refuse(problem);
  };
  const send = (): void => {
    if (!typing.complete()) return;
    const bytes = typing.copyKey();
    // The callee wipes them, too; here also when it never got that far.
    const add = (): Promise<Added> =>
      context.commander.run('account.add', typing.args(), bytes).finally(() => bytes.fill(0));
    void sending.send(add, finish, fail);
  };

  return {
    lines: (theme, size) =>
      addAccountLines(
        theme,
        {
          form: typing.form(),
          keyLength: typing.keyLength(),
          problem: sending.isBusy() ? null : typing.problem(),
          storing: sending.isBusy(),
        },
        size,
      ),
    footer: () => (sending.isBusy() ? sendingKeys : typingKeys(typing.form())),
    press(name) {
      if (name === 'escape') {
        typing.wipe();
        sending.close();
      } else if (!sending.isBusy() && typing.press(name) === 'send') send();
    },
    paste(text) {
      if (!sending.isBusy()) typing.paste(text);
    },
  };
};

/** The page after it: where the key is, and what comes next. */
const openAdded = (
  { keys, close }: DialogContext,
  added: Added,
  next: Readonly<Record<string, () => void>>,
): Dialog => ({
  lines: (theme, size) => addedLines(theme, added, size, keys),
  footer: () => [
    ...keyHint(keys, ['account.add'], 'add another'),
    ...keyHint(keys, ['client.connect'], 'connect'),
    { key: 'Enter', text: 'close' },
  ],
  press(name) {
    const action = keys.actionFor(name, 'accounts')?.name ?? '';
    if (Object.hasOwn(next, action)) next[action]?.();
    else if (name === 'enter' || closesOpen(keys, name)) close();
  },
  paste: () => {},
});

/**
 * Adds an account without leaving the screen. The key is kept as bytes, shown as dots, sent beside the command and
 * wiped when it is stored or given up; what is refused is said by its field, and nothing typed is lost. `openConnect`
 * is the page that comes next.
 */
export const openAddAccount = (
  context: DialogContext,
  openConnect: (context: DialogContext) => Dialog,
): Dialog => {
  const form = (): Dialog =>
    openForm(context, (added) => {
      current = openAdded(context, added, {
        'account.add': () => (current = form()),
        'client.connect': () => (current = openConnect(context)),
      });
    });
  let current = form();
  return {
    lines: (theme, size) => current.lines(theme, size),
    footer: () => current.footer(),
    press: (name) => current.press(name),
    paste: (text) => current.paste(text),
  };
};
