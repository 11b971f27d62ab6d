import type { CommandArgs, CommandResults } from '../../shared/commands.ts';
import { asCcrError } from '../../shared/errors.ts';
import { sanitize } from '../../shared/sanitize.ts';
import { bytesOfSecret } from '../../shared/secret-bytes.ts';
import type { Secret } from '../../shared/secret.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import type { KeyHint } from '../keymap.ts';
import { scrollTo, type Size } from '../layout.ts';
import { paragraph, titleLine } from '../line.ts';
import type { ClientKeyMaker } from '../outside.ts';
import { editField, emptyField, fieldText, insertText, type TextField } from '../text-field.ts';
import type { Theme } from '../theme.ts';
import { nameProblem } from './first-login.ts';
import { drawText, formRow, formStep } from './form-row.ts';
import { createSending, sendingKeys } from './sending.ts';

type Described = {
  field: string;
  label: string;
  hint: string;
  /** What holds while nothing is typed. */
  none: string;
};

const none = 'no limit';

/** What is asked for a new client key: its name, and limits by the names of the options of `key create`. */
const described: readonly Described[] = [
  {
    field: 'name',
    label: 'name',
    hint: 'The program it is for; the history names its requests so. Enter creates it: limits need not be given.',
    none: '',
  },
  { field: 'requests-per-minute', label: 'per minute', hint: 'So many requests a minute, such as 60.', none },
  { field: 'concurrent', label: 'at once', hint: 'So many requests under way at once, such as 4.', none },
  { field: 'daily-usd', label: 'USD a day', hint: 'From midnight to midnight UTC, such as 5 or 0.5.', none },
  {
    field: 'daily-tokens',
    label: 'tokens a day',
    hint: 'From midnight to midnight UTC, such as 2000000.',
    none,
  },
  {
    field: 'models',
    label: 'models',
    hint: 'With commas between them, such as claude-haiku-*.',
    none: 'all',
  },
  { field: 'accounts', label: 'accounts', hint: 'Their names, with commas between them.', none: 'all' },
  {
    field: 'hold',
    label: 'held',
    hint: 'So long its requests may wait while every account is limited: 30s, 4m.',
    none: 'as the setting says',
  },
  {
    field: 'expires',
    label: 'expires in',
    hint: 'It opens nothing after that time: 12h, 30d.',
    none: 'never',
  },
];

type KeyForm = {
  at: number;
  texts: readonly TextField[];
  problem: { at: number; text: string } | null;
};

const emptyKeyForm: KeyForm = { at: 0, texts: described.map(() => emptyField), problem: null };

const textAt = ({ texts }: KeyForm, at: number): string => fieldText(texts[at] ?? emptyField).trim();

/** What has been typed, by field; what is empty is left out. */
const givenIn = (form: KeyForm): { name: string; limits: Record<string, string> } => {
  const given = described.flatMap(({ field }, at) => {
    const text = textAt(form, at);
    return field === 'name' || text === '' ? [] : [[field, text] as const];
  });
  return { name: textAt(form, 0), limits: Object.fromEntries(given) };
};

/** The form with the reason why no key is made, by the field that it names as an option, else by the name. */
const refusedForm = (form: KeyForm, why: string): KeyForm => {
  const [, option, rest = why] = /^--([\w-]+): (.*)$/s.exec(why) ?? [];
  const at = Math.max(
    0,
    described.findIndex(({ field }) => field === option),
  );
  return { ...form, at, problem: { at, text: rest } };
};

const changed = (form: KeyForm, text: TextField): KeyForm =>
  text === form.texts[form.at]
    ? form
    : {
        ...form,
        texts: form.texts.with(form.at, text),
        problem: form.problem?.at === form.at ? null : form.problem,
      };

/** The form after a key that does not send it; the same one when it means nothing. */
const pressKeyForm = (form: KeyForm, name: string): KeyForm => {
  const by = formStep(name);
  if (by !== 0) return { ...form, at: (form.at + by + described.length) % described.length };
  return changed(form, editField(form.texts[form.at] ?? emptyField, name));
};

/** The form with one line of text pasted where the cursor is. */
const pasteKeyForm = (form: KeyForm, text: string): KeyForm =>
  changed(form, insertText(form.texts[form.at] ?? emptyField, text));

/** Columns before what is typed: a mark, the widest label, and one between each. */
const indent = 16;

const rowOf = (theme: Theme, form: KeyForm, at: number, columns: number): string => {
  const { label = '', none: empty = '' } = described[at] ?? {};
  const focused = form.at === at;
  const room = Math.max(4, columns - indent);
  const content = drawText(theme, form.texts[at] ?? emptyField, { focused, empty, room });
  return formRow(theme, { label, focused, indent }, content);
};

/** The form in that room: without room for all, title and hint go first, then it scrolls to the field with the cursor. */
const keyFormLines = (theme: Theme, form: KeyForm, { columns, rows }: Size): string[] => {
  const margin = columns < 46 ? 1 : 3;
  const words = (tone: 'bad' | 'faint', text: string): string[] =>
    paragraph(theme, sanitize(text, 400), { columns, margin, tone });
  const { problem } = form;
  const said = problem === null ? [] : words('bad', `${theme.glyphs.cross} ${problem.text}`);
  const fields = described.map((_, at) => rowOf(theme, form, at, columns));
  const hint = words('faint', described[form.at]?.hint ?? '');
  const title = titleLine(
    theme,
    { title: 'Create a client key', note: 'shown once', focused: true },
    columns,
  );
  const full = [title, '', ...fields, '', ...said, ...hint];
  if (full.length <= rows) return full;
  const room = Math.max(1, rows - said.length);
  const top = scrollTo(form.at, 0, room, fields.length);
  return [...fields.slice(top, top + room), ...said, ...hint].slice(0, rows);
};

const typingKeys: readonly KeyHint[] = [
  { key: 'Tab', text: 'limits' },
  { key: 'Enter', text: 'create' },
  { key: 'Esc', text: 'cancel' },
];

/**
 * Asks for the name of a new client key and for its limits, and has it made. `onCreated` gets the key, which is nowhere else.
 * What is refused is said by its field, and nothing typed is lost.
 */
export const openCreateClientKey = (
  context: DialogContext,
  { mint, limits }: ClientKeyMaker,
  onCreated: (created: CommandResults['key.create'], key: Secret) => void,
): Dialog => {
  let form = emptyKeyForm;
  const sending = createSending(context);
  const refuse = (error: unknown, closed: boolean): void => {
    const text = asCcrError(error).lines.join('; ');
    form = refusedForm(form, text);
    if (closed) context.tell(text);
  };
  const make = (wanted: CommandArgs<'key.create'>): void => {
    const key = mint();
    void sending.send(
      () => context.commander.run('key.create', wanted, bytesOfSecret(key)),
      (created) => {
        onCreated(created, key);
        context.tell(`created the key ${wanted.name}`);
      },
      refuse,
    );
  };
  const send = (): void => {
    const { name, limits: given } = givenIn(form);
    const wrong = nameProblem(name);
    if (wrong !== null) {
      form = refusedForm(form, wrong);
      return;
    }
    try {
      make({ name, kind: 'user', limits: limits(given), pid: null });
    } catch (error) {
      refuse(error, false);
    }
  };
  return {
    lines: (theme, size) => keyFormLines(theme, form, size),
    footer: () => (sending.isBusy() ? sendingKeys : typingKeys),
    press(name) {
      if (name === 'escape') sending.close();
      else if (sending.isBusy()) return;
      else if (name === 'enter') send();
      else form = pressKeyForm(form, name);
    },
    paste(text) {
      const pasted = text.trim();
      if (!sending.isBusy() && !/[\r\n]/.test(pasted)) form = pasteKeyForm(form, pasted);
    },
  };
};
