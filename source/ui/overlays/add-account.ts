import type { Dialog, DialogContext } from '../dialog.ts';
import type { KeyHint } from '../keymap.ts';
import { isLastField, type AddForm } from './add-account-form.ts';
import { addAccountLines } from './add-account-lines.ts';
import { problemOf } from './add-account-problem.ts';
import { createTyping } from './add-account-typing.ts';
import { addedLines, addedSentence, type Added } from './added-lines.ts';

// Without room for all, those in front of the last two go first.
const typingKeys = (form: AddForm): KeyHint[] => [
  { key: 'Tab', text: 'next field' },
  ...(form.focus === 'kind' ? [{ key: 'Left/Right', text: 'change' }] : []),
  { key: 'Enter', text: isLastField(form) ? 'add' : 'next' },
  { key: 'Esc', text: 'cancel' },
];
const storingKeys: readonly KeyHint[] = [{ key: 'Esc', text: 'close; it goes on' }];

/** The form itself, until the account is there. */
const openForm = (context: DialogContext, onAdded: (added: Added) => void): Dialog => {
  const typing = createTyping(() => context.state().accounts.map(({ name }) => name));
  let storing = false;
  let closed = false;

  const finish = (added: Added): void => {
    typing.wipe();
    if (closed) context.tell(addedSentence(added));
    else onAdded(added);
    context.changed();
  };
  const fail = (error: unknown): void => {
    const { kind } = typing.form();
    storing = false;
    const problem = problemOf(error, kind);
    if (closed) context.tell(`${typing.args().name} was not added: ${problem.text}`);
    else typing.refuse(problem);
    context.changed();
  };
  const send = (): void => {
    if (!typing.complete()) return;
    storing = true;
    const bytes = typing.copyKey();
    // The callee wipes them, too; here also when it never got that far.
    context.commander
      .run('account.add', typing.args(), bytes)
      .finally(() => bytes.fill(0))
      .then(finish, fail);
  };

  return {
    lines: (theme, size) =>
      addAccountLines(
        theme,
        {
          form: typing.form(),
          keyLength: typing.keyLength(),
          problem: storing ? null : typing.problem(),
          storing,
        },
        size,
      ),
    footer: () => (storing ? storingKeys : typingKeys(typing.form())),
    press(name) {
      if (name === 'escape') {
        closed = true;
        typing.wipe();
        context.close();
      } else if (!storing && typing.press(name) === 'send') send();
    },
    paste(text) {
      if (!storing) typing.paste(text);
    },
  };
};

const addedKeys: readonly KeyHint[] = [
  { key: 'a', text: 'add another' },
  { key: 'c', text: 'connect' },
  { key: 'Enter', text: 'close' },
];

/** The page after it: where the key is, and what comes next. */
const openAdded = (added: Added, keys: Readonly<Record<string, () => void>>): Dialog => ({
  lines: (theme, size) => addedLines(theme, added, size),
  footer: () => addedKeys,
  press(name) {
    if (Object.hasOwn(keys, name)) keys[name]?.();
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
      current = openAdded(added, {
        enter: context.close,
        escape: context.close,
        q: context.close,
        a: () => (current = form()),
        c: () => (current = openConnect(context)),
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
